package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.chunk.DropCause;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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
        assertThatThrownBy(
                        () -> withoutCapabilities(() -> source(config("lo", 0, "")).start(List.of(new CountingSink()))))
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

    /** Runs something on a thread that has dropped its capabilities; the other threads keep theirs. */
    private static void withoutCapabilities(Runnable task) throws InterruptedException {
        RuntimeException[] thrown = new RuntimeException[1];
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                dropCapabilities();
                                task.run();
                            } catch (RuntimeException e) {
                                thrown[0] = e;
                            }
                        });
        thread.join();
        if (thrown[0] != null) {
            throw thrown[0];
        }
    }

    @SuppressWarnings("restricted") // only C can do it
    private static void dropCapabilities() {
        long number = System.getProperty("os.arch").equals("aarch64") ? 91 : 126; // SYS_capset
        MethodHandle capset =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.ADDRESS,
                                        ValueLayout.ADDRESS),
                                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(ValueLayout.JAVA_INT, 0x2008_0522, 0);
            MemorySegment none = arena.allocate(24);
            if ((long) capset.invokeExact(number, header, none) != 0) {
                throw new IllegalStateException("capset failed");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
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
