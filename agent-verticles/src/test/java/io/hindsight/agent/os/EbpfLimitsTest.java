package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.os.EbpfLimits.Rate;
import io.hindsight.event.OsEvent.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EbpfLimitsTest {
    @Test
    void shouldWriteABucketAsIntervalAndTimeOfABurst() {
        EbpfLimits limits = new EbpfLimits(4_096, Map.of(Kind.EXEC, new Rate(2_000, 30)));
        ByteBuffer settings = ByteBuffer.wrap(limits.settings()).order(ByteOrder.nativeOrder());
        assertThat(settings.capacity()).isEqualTo(EbpfStateDescriptor.SETTINGS_LENGTH);
        assertThat(settings.getLong(EbpfStateDescriptor.INTERVAL_OFFSET + Long.BYTES)).isEqualTo(500_000);
        assertThat(settings.getLong(EbpfStateDescriptor.BURST_OFFSET + Long.BYTES)).isEqualTo(15_000_000);
        assertThat(settings.getLong(EbpfStateDescriptor.INTERVAL_OFFSET)).as("no limit").isZero();
    }

    @Test
    void shouldLimitEveryKindByDefault() {
        assertThat(EbpfLimits.DEFAULT.rates()).containsOnlyKeys(EbpfStateDescriptor.KINDS);
    }

    @Test
    void shouldRefuseWhatTheKernelCannotDo() {
        for (int ringBytes : new int[] {0, 2_048, 5_000, Integer.MIN_VALUE}) {
            assertThatThrownBy(() -> new EbpfLimits(ringBytes, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("ringBytes=" + ringBytes);
        }
        assertThatThrownBy(() -> new Rate(0, 1)).hasMessageContaining("perSecond=0");
        assertThatThrownBy(() -> new Rate(1, 0)).hasMessageContaining("burst=0");
    }
}
