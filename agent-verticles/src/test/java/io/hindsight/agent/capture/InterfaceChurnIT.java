package io.hindsight.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.testing.Root;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interfaces come and go as fast as the kernel lets them: no packet is missed, and nothing grows. {@code -Dhindsight.churn.batches=144} of 20 are
 * twelve hours of a node that makes one every fifteen seconds.
 */
class InterfaceChurnIT {
    private static final int BATCHES = Integer.getInteger("hindsight.churn.batches", 20);

    /** Interfaces that are gone and still remembered, and those of a batch that are there. */
    private static final int MOST_IDS = 1_024 + 64;

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    /** Counts, and watches the ids by which writers keep their tables. */
    private static final class IdSink extends StrictSink {
        private volatile long packets;
        private volatile int greatestId;

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one capture thread writes
        public void packet(
                CaptureInterface networkInterface,
                long timestampNs,
                int direction,
                MemorySegment data,
                long offset,
                int capturedLength,
                int originalLength) {
            packets++;
            greatestId = Math.max(greatestId, networkInterface.id());
        }

        @Override
        public void commit() {}
    }

    @Test
    void shouldSeeEveryInterfaceAndStaySmall() throws Exception {
        Root.require("network namespaces and raw sockets");
        Tools.require("ip", "python3");
        Path script = folder.resolve("churn.py");
        try (InputStream resource = InterfaceChurnIT.class.getResourceAsStream("churn.py")) {
            Files.copy(Objects.requireNonNull(resource, "churn.py"), script);
        }
        IdSink sink = new IdSink();
        try (NetworkNamespace namespace = new NetworkNamespace();
                PacketSource source = started(namespace, sink)) {
            churn(namespace, script, 2);
            long warm = descriptors();
            long threads = threads();
            long sentBefore = sink.packets;
            long sent = churn(namespace, script, BATCHES);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(sink.packets - sentBefore).as("frames carried").isEqualTo(sent));
            assertThat(sent).isBetween(19L * BATCHES, 20L * BATCHES);
            // The test's own tools may still be closing theirs.
            await().untilAsserted(() -> assertThat(descriptors()).as("descriptors").isLessThanOrEqualTo(warm));
            assertThat(threads()).as("threads").isLessThanOrEqualTo(threads);
            assertThat(sink.greatestId).as("ids are used again").isLessThan(MOST_IDS);
            await().until(() -> source.counters().interfaces().isEmpty());
            assertThat(source.counters().running()).isTrue();
            assertThat(source.counters().failure()).isNull();
        }
    }

    private PacketSource started(NetworkNamespace namespace, PacketSink sink) throws Exception {
        AgentConfig config =
                new AgentConfig(
                        new NodeId("node-1"),
                        folder,
                        new DataSize(16L << 20),
                        new DataSize(1L << 20),
                        List.of("pod*"),
                        0,
                        "",
                        CaptureImplementation.AF_PACKET,
                        1,
                        new DataSize(8L << 20),
                        null,
                        false,
                        new DataSize(0),
                        EventsConfig.NONE);
        return namespace.call(() -> {
            PacketSource source = new AfPacketSource(config);
            source.start(List.of(sink));
            return source;
        });
    }

    private static long churn(NetworkNamespace namespace, Path script, int batches) {
        List<String> command = namespace.command("python3", script.toString(), "" + batches);
        ToolResult result = Tools.run(Duration.ofMinutes(60), command.toArray(String[]::new)).succeeded();
        return Long.parseLong(result.stdout().strip());
    }

    /** Of the source: those of the test's own tools come and go. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("hindsight-"))
                .count();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
