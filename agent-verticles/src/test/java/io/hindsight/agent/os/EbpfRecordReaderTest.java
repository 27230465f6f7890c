package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.os.ebpf.KernelClock;
import io.hindsight.agent.os.proc.ProcessArguments;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EbpfRecordReaderTest {
    private final KernelClock clock = new KernelClock();
    private final EbpfRecordReader reader = new EbpfRecordReader(clock);

    @Test
    void shouldReadWhoItWas() {
        OsEvent event = reader.read(TestRecords.process(Kind.FORK, 4_711, "nginx"), 0);
        assertThat(event.kind()).isEqualTo(Kind.FORK);
        assertThat(event.timeNs()).isEqualTo(clock.epochNs(TestRecords.TIME_NS));
        assertThat(event.process())
                .isEqualTo(
                        new ProcessInfo(
                                4_711, 4_712, 1, "nginx", 1_000, 77L, null, clock.epochNs(TestRecords.STARTED_NS)));
        assertThat(event.socket()).isNull();
        assertThat(event.arguments()).isNull();
    }

    @Test
    void shouldKeepACommandOfFullLengthThatIsNoText() {
        byte[] name = new byte[16];
        Arrays.fill(name, (byte) 0xFF);
        String command =
                Objects.requireNonNull(reader.read(TestRecords.process(Kind.FORK, 1, name), 0).process()).command();
        assertThat(command).hasSize(16).containsOnlyOnce("\uFFFD".repeat(16));
    }

    @Test
    void shouldTellCodeFromSignal() {
        OsEvent ended = reader.read(TestRecords.exit(3 << 8), 0);
        assertThat(ended.exitCode()).isEqualTo(3);
        assertThat(ended.signal()).isNull();
        OsEvent killed = reader.read(TestRecords.exit(0x80 | 11), 0); // with a core
        assertThat(killed.exitCode()).isNull();
        assertThat(killed.signal()).isEqualTo(11);
    }

    @Test
    void shouldReadArguments() {
        OsEvent event = reader.read(TestRecords.exec("curl\0\0näme\0", 12), 0);
        assertThat(event.arguments()).containsExactly("curl", "", "näme");
        assertThat(event.argumentsCut()).isFalse();
    }

    @Test
    void shouldSayThatArgumentsAreCut() {
        OsEvent longer = reader.read(TestRecords.exec("curl\0htt", 9_000), 0);
        assertThat(longer.arguments()).containsExactly("curl", "htt");
        assertThat(longer.argumentsCut()).isTrue();

        String many = String.join("", Collections.nCopies(ProcessArguments.MAX_COUNT + 1, "x\0"));
        OsEvent more = reader.read(TestRecords.exec(many, many.length()), 0);
        assertThat(more.arguments()).hasSize(ProcessArguments.MAX_COUNT);
        assertThat(more.argumentsCut()).isTrue();

        OsEvent unreadable = reader.read(TestRecords.exec("", 20), 0);
        assertThat(unreadable.arguments()).isEmpty();
        assertThat(unreadable.argumentsCut()).isTrue();
    }

    @Test
    void shouldReadSocketsOfBothFamilies() {
        byte[] v4 = {10, 0, 0, 1};
        byte[] v6 = {(byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xFF, (byte) 0xFF, 10, 0, 0, 2};
        assertThat(socket(Kind.STATE, 2, v4, v4))
                .isEqualTo(
                        new SocketInfo(
                                "tcp",
                                "10.0.0.1",
                                40_000,
                                "10.0.0.1",
                                443,
                                4_026_531_840L,
                                "CLOSE_WAIT",
                                "ESTABLISHED"));
        assertThat(socket(Kind.CONNECT, 10, v6, mapped))
                .isEqualTo(
                        new SocketInfo("tcp", "fd00::5", 40_000, "10.0.0.2", 443, 4_026_531_840L, "CLOSE_WAIT", null));
    }

    @Test
    void shouldTellOfASocketThatIsNobodys() {
        MemorySegment record = TestRecords.socket(Kind.CLOSE, 2, new byte[] {127, 0, 0, 1}, new byte[] {127, 0, 0, 1});
        record.set(ValueLayout.JAVA_INT, EbpfRecordDescriptor.PID_OFFSET, 0);
        assertThat(reader.read(record, 0).process()).isNull();
    }

    @Test
    void shouldRefuseAKindThatIsUnknown() {
        MemorySegment record = TestRecords.process(Kind.FORK, 1, "x");
        for (int kind : List.of(-1, EbpfStateDescriptor.KINDS.size())) {
            record.set(ValueLayout.JAVA_INT, EbpfRecordDescriptor.KIND_OFFSET, kind);
            assertThatThrownBy(() -> reader.read(record, 0))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                    .hasMessageContaining("kind=" + kind);
        }
    }

    private SocketInfo socket(Kind kind, int family, byte[] local, byte[] remote) {
        return Objects.requireNonNull(reader.read(TestRecords.socket(kind, family, local, remote), 0).socket());
    }
}
