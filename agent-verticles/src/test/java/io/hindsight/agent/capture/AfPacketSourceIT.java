package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.hindsight.agent.WithoutCapabilities;
import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.chunk.DropCause;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** AF_PACKET rings keep the contract of packet sources, and make the kernel stamp packets by themselves. */
class AfPacketSourceIT extends PacketSourceContractTest {
    private static final int FLOWS = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Override
    PacketSource source(AgentConfig config) {
        return new AfPacketSource(config);
    }

    @Override
    Stamping stamping() {
        return () -> {};
    }

    @Override
    int filterChanges() {
        return 50;
    }

    /** Kernels before 6.9 count a socket's programs against 20 KiB, both of them while one replaces the other. */
    @Test
    void shouldReplaceLongFiltersWhereTheKernelHasLittleRoom() throws Exception {
        try (PacketSource source = started(config("hsa", 0, ""), new CollectingSink())) {
            limitPrograms(20_480);
            source.filter(pods(256));
            source.filter(pods(255));
            assertThatThrownBy(() -> source.filter(pods(900)))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER));
            assertThatThrownBy(() -> source.filter(pods(600)))
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_FILTER))
                    .hasMessageContaining("sysctl -w net.core.optmem_max");
            source.filter(pods(254));
            assertThat(source.counters().running()).isTrue();
        }
    }

    @Test
    void shouldTakeHundredsOfPods() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (PacketSource source = started(config("any", 0, "udp"), sink)) {
            source.filter(pods(300));
            send("hsb", "pairs", 10);
            assertThat(source.drain(5_000)).isTrue();
            assertThat(sink.committed()).hasSize(10);
        }
    }

    /** 10.99.0.3 and others, each with an address of both families. */
    private static CaptureFilter pods(int count) {
        Set<IpAddress> addresses =
                IntStream.range(3, 3 + count)
                        .boxed()
                        .flatMap(i ->
                                Stream.of(
                                        new IpAddress(0, 0x0A63_0000L + i, true),
                                        new IpAddress(0xFD00_0010_0244_0000L, i, false)))
                        .collect(Collectors.toSet());
        return new CaptureFilter("udp", "", addresses, Set.of(), Set.of());
    }

    @Test
    void shouldRecordAnInterfaceThatAppearsFromItsFirstPacketOn() throws Exception {
        CollectingSink sink = new CollectingSink();
        try (PacketSource source = started(config("hsx*", 0, ""), sink)) {
            appear("hsx1", "hsy1");
            send("hsy1", "small", 50);
            appear("other1", "hsz1");
            send("hsz1", "small", 50);
            assertThat(source.drain(5_000)).isTrue();
        }
        assertThat(sink.packets("hsx1")).hasSize(50);
        assertThat(sink.committed()).hasSize(50);
    }

    @Test
    void shouldNotAllocateForAPacket() throws Exception {
        CountingSink sink = new CountingSink();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (PacketSource source = startedWith(config("hsa", 0, ""), List.of(sink))) {
            long thread = captureThreads().iterator().next();
            send("hsb", "small", 20_000); // classes are loaded and call sites linked meanwhile
            await().atMost(PATIENCE).until(() -> source.counters().packets() == 20_000);
            long before = threads.getThreadAllocatedBytes(thread);
            send("hsb", "small", 40_000);
            await().atMost(PATIENCE).until(() -> source.counters().packets() == 60_000);
            assertThat(threads.getThreadAllocatedBytes(thread) - before).isLessThan(40_000);
        }
        assertThat(sink.packets).isEqualTo(60_000);
    }

    /** Two threads share the packets, and together they have each once. */
    @Test
    void shouldFanOutOverThreads() throws Exception {
        List<CollectingSink> sinks = List.of(new CollectingSink(), new CollectingSink());
        try (PacketSource source = startedWith(withThreads(config("hsa", 0, "udp"), 2), List.copyOf(sinks))) {
            assertThat(captureThreads()).hasSize(2);
            send("hsb", "flows", FLOWS);
            assertThat(source.drain(5_000)).isTrue();
        }
        List<SeenPacket> all = sinks.stream().flatMap(sink -> sink.packets("hsa").stream()).toList();
        assertThat(all).hasSize(FLOWS).doesNotHaveDuplicates();
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.committed()).isNotEmpty());
    }

    @Test
    void shouldSayHowToGrantThePrivilege() {
        assertThatThrownBy(() ->
                        WithoutCapabilities.run(() -> source(config("lo", 0, "")).start(List.of(new CountingSink()))))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MISSING_PRIVILEGE))
                .hasMessageContaining("sudo setcap cap_net_raw,cap_net_admin+ep /")
                .hasMessageContaining("/bin/java && echo /")
                .hasMessageContaining("sudo ldconfig")
                .hasMessageContaining("sudo ./hindsight up");
    }

    private static Set<Long> captureThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("hindsight-capture-"))
                .map(Thread::threadId)
                .collect(Collectors.toSet());
    }

    private static AgentConfig withThreads(AgentConfig config, int threads) {
        return new AgentConfig(
                config.node(),
                config.ringDirectory(),
                config.storageSize(),
                config.slotSize(),
                config.interfaces(),
                config.snapLength(),
                config.captureFilter(),
                config.source(),
                threads,
                config.kernelBuffer(),
                null,
                false,
                new DataSize(0),
                EventsConfig.NONE);
    }

    /** Keeps nothing but the count. */
    private static final class CountingSink implements PacketSink {
        private volatile long packets;
        private long uncommitted;

        @Override
        public void packet(
                CaptureInterface networkInterface,
                long timestampNs,
                int direction,
                MemorySegment data,
                long offset,
                int capturedLength,
                int originalLength) {
            uncommitted++;
        }

        @Override
        public void taggedPacket(
                CaptureInterface networkInterface,
                long timestampNs,
                int direction,
                MemorySegment data,
                long offset,
                int capturedLength,
                int originalLength,
                int tagOffset,
                int tpid,
                int tci) {
            uncommitted++;
        }

        @Override
        public void dropped(DropCause cause, long count) {
            throw new AssertionError("dropped " + count + ": the test's kernel ring is too small");
        }

        @Override
        public void faulted(long lost) {
            throw new AssertionError("lost=" + lost);
        }

        @Override
        public void commit() {
            packets = uncommitted;
        }
    }
}
