package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.packet.IpAddress;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AddressIntervalsTest {
    private static AddressInterval interval(String address, long fromNs, long toNs) {
        TimeWindow valid = new TimeWindow(fromNs, toNs);
        return new AddressInterval(
                InetAddress.ofLiteral(address),
                new Holder("Pod", "a", "b", null, null, Map.of(), null, List.of(), valid));
    }

    @Test
    void shouldAnswerAsALookThroughTheListDoes() {
        Random random = new Random(5);
        List<AddressInterval> known = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            String address = random.nextInt(3) == 0 ? "fd00::" + random.nextInt(200) : "10.0.0." + random.nextInt(200);
            long fromNs = random.nextInt(1_000);
            known.add(interval(address, fromNs, fromNs + 1 + random.nextInt(20)));
        }
        AddressIntervals intervals = AddressIntervals.of(known);
        for (int i = 0; i < 2_000; i++) {
            InetAddress address =
                    InetAddress.ofLiteral(
                            random.nextInt(3) == 0 ? "fd00::" + random.nextInt(300) : "10.0.0." + random.nextInt(256));
            long timeNs = random.nextInt(1_050);
            boolean expected =
                    known.stream()
                            .anyMatch(each -> each.address().equals(address) && each.holder().valid().contains(timeNs));
            assertThat(intervals.contains(IpAddress.high(address), IpAddress.low(address), timeNs)).isEqualTo(expected);
        }
    }

    @Test
    void shouldKnowNothingOfNothing() {
        assertThat(AddressIntervals.of(List.of()).contains(0, IpAddress.lowOfV4(1), 0)).isFalse();
    }
}
