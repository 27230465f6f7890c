package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotState;
import io.hindsight.hub.testing.Fault;
import io.hindsight.hub.testing.ScriptedAgent;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.ChunkFixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever breaks, and wherever: a snapshot is complete, or says honestly that it is not; no chunk is in it twice; nothing stays pinned or
 * held. {@code -Dhindsight.interruptions=N} for more rounds, {@code -Dhindsight.seed=N} to repeat a run.
 */
class InterruptionPropertyTest {
    private static final long CREDIT_BYTES = 1L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    private static final int MAX_FAULTS = 4;
    private static final SessionTimeouts IMPATIENT =
            new SessionTimeouts(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(2));

    @TempDir Path folder;

    /** The short form tries the same rounds each time; the long form others. */
    private static final boolean LONG = Integer.getInteger("hindsight.interruptions") != null;

    private final long seed = Long.getLong("hindsight.seed", LONG ? System.nanoTime() : 1);
    private final Random random = new Random(seed);

    /** A node of one round. */
    private record Node(String name, List<byte[]> chunks, List<Fault> faults, ScriptedAgent agent) {
        /** Whether something was taken away that cannot come back. */
        boolean isLossy() {
            return !agent.givenUp.isEmpty()
                    || faults.stream()
                            .anyMatch(fault ->
                                    fault.kind() == Fault.Kind.VANISHES || fault.kind() == Fault.Kind.TELLS_TOO_LITTLE);
        }
    }

    @Test
    void shouldBeCompleteOrSayHonestlyWhatIsMissing() throws IOException {
        System.out.println("InterruptionPropertyTest: -Dhindsight.seed=" + seed);
        for (int round = 0; round < Integer.getInteger("hindsight.interruptions", 8); round++) {
            Path volume = Files.createDirectory(folder.resolve("round-" + round));
            try (TestHub hub =
                    new TestHub(TestHub.config(volume, 4, CREDIT_BYTES, PATIENCE), IMPATIENT, Clock.systemUTC())) {
                takeOne(hub);
            }
        }
    }

    private void takeOne(TestHub hub) throws IOException {
        List<Node> nodes = new ArrayList<>();
        for (int node = 0; node <= random.nextInt(3); node++) {
            nodes.add(node(hub, "node-" + node));
        }
        Snapshot snapshot = hub.ended(hub.create(TestHub.everything("broken")).id());
        String story = nodes + " " + snapshot;
        if (!snapshot.state().sealed()) {
            assertThat(nodes).as(story).allMatch(Node::isLossy);
            return;
        }
        assertThat(hub.verify(snapshot.id()).violations()).as(story).isEmpty();
        for (int i = 0; i < nodes.size(); i++) {
            check(hub, nodes.get(i), snapshot.nodes().get(i), snapshot, story);
        }
    }

    private Node node(TestHub hub, String name) {
        List<byte[]> chunks = TestChunks.packets(name, 1 + random.nextInt(12), 20 + random.nextInt(300));
        ScriptedAgent agent = hub.agent(name, chunks).beating();
        List<Fault> faults = new ArrayList<>();
        for (int fault = 0; fault < random.nextInt(MAX_FAULTS + 1); fault++) {
            faults.add(new Fault(kind(), random.nextInt(chunks.size() + 1)));
        }
        if (random.nextInt(4) == 0) {
            agent.givenUp.add(1L + random.nextInt(chunks.size()));
        }
        agent.faults.addAll(faults);
        return new Node(name, chunks, faults, agent);
    }

    private Fault.Kind kind() {
        Fault.Kind[] kinds = Fault.Kind.values();
        return kinds[random.nextInt(kinds.length)];
    }

    private static void check(TestHub hub, Node node, SnapshotNode shown, Snapshot snapshot, String story)
            throws IOException {
        byte[] whole = ChunkFixtures.concatenate(node.chunks());
        byte[] data = data(hub, node, snapshot);
        assertInOrderAndOnce(node.chunks(), data, story);
        boolean isWhole = Arrays.equals(data, whole);
        assertThat(isWhole || !shown.gaps().isEmpty()).as(story).isTrue();
        assertThat(isWhole || snapshot.state() == SnapshotState.PARTIAL).as(story).isTrue();
        assertThat(isWhole || node.isLossy()).as("lost without need: %s", story).isTrue();
        await().untilAsserted(() -> assertThat(node.agent().unreleased()).as(story).isZero());
        boolean mayKeepPins = shown.state() == SnapshotNode.State.FAILED; // until its lease ends
        await().untilAsserted(() -> assertThat(mayKeepPins || node.agent().sessionCount() == 0).as(story).isTrue());
        assertThat(node.agent().maxUnacknowledged()).as(story).isLessThanOrEqualTo(CREDIT_BYTES);
    }

    private static byte[] data(TestHub hub, Node node, Snapshot snapshot) throws IOException {
        Path file = hub.folder().resolve(snapshot.id()).resolve(node.name() + ".pcapng");
        return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    }

    private static void assertInOrderAndOnce(List<byte[]> chunks, byte[] data, String story) {
        int offset = 0;
        for (byte[] chunk : chunks) {
            boolean isHere =
                    offset + chunk.length <= data.length
                            && Arrays.equals(data, offset, offset + chunk.length, chunk, 0, chunk.length);
            offset += isHere ? chunk.length : 0;
        }
        assertThat(offset).as(story).isEqualTo(data.length);
    }
}
