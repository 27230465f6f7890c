package io.hindsight.hub.testing;

import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.EpochNanos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A node on which much happens within ten seconds of {@link TestChunks#START_NS}: packets of two writers, events of both kinds, checkpoints, drops. */
public final class EventfulNode {
    /** Packets of a node. */
    public static final int PACKETS = 4 * 150;

    private static final long SECOND_NS = 1_000_000_000L;

    private EventfulNode() {}

    /** Its chunks, by source and sequence. */
    public static List<byte[]> chunks(String node) {
        SplittableRandom random = new SplittableRandom(node.hashCode());
        ChunkFixtures fixtures = ChunkFixtures.node(node);
        List<byte[]> chunks = new ArrayList<>();
        for (int chunk = 1; chunk <= 4; chunk++) {
            ChunkFixtures next = fixtures.sequence(chunk).writer(chunk % 2);
            // Both writers fill their chunks at the same time.
            long startNs = TestChunks.START_NS + (chunk - 1) / 2 * 5L * SECOND_NS;
            chunks.add((chunk == 3 ? next.drops(3L, 2L, 0L, 1L) : next).packets(packets(startNs, random)));
        }
        chunks.add(
                fixtures.sequence(1)
                        .with(ChunkFlag.CHECKPOINT)
                        .journal(ChunkSource.KUBERNETES, checkpoint(ChunkSource.KUBERNETES, -5)));
        chunks.add(fixtures.sequence(2).journal(ChunkSource.KUBERNETES, changes()));
        chunks.add(
                fixtures.sequence(1)
                        .with(ChunkFlag.CHECKPOINT)
                        .drops(9L, 0L, 0L, 0L)
                        .journal(ChunkSource.OS, checkpoint(ChunkSource.OS, -5)));
        chunks.add(fixtures.sequence(2).drops(0L, 0L, 4L, 0L).journal(ChunkSource.OS, osEvents()));
        chunks.add(
                fixtures.sequence(3).with(ChunkFlag.CHECKPOINT).journal(ChunkSource.OS, checkpoint(ChunkSource.OS, 8)));
        return chunks;
    }

    private static List<FixturePacket> packets(long startNs, SplittableRandom random) {
        List<FixturePacket> packets = new ArrayList<>();
        long timeNs = startNs;
        for (int i = 0; i < PACKETS / 4; i++) {
            timeNs += random.nextLong(SECOND_NS / 20);
            byte[] data = new byte[60 + random.nextInt(400)];
            // An ethernet frame of a type that no dissector knows.
            data[12] = (byte) 0x88;
            data[13] = (byte) 0xB5;
            int original = data.length + (i % 3 == 0 ? 1_000 : 0);
            packets.add(new FixturePacket("eth" + i % 2, 1, timeNs, 1, original, data));
        }
        return packets;
    }

    private static long at(double seconds) {
        return TestChunks.START_NS + (long) (seconds * SECOND_NS);
    }

    private static List<FixtureEntry> osEvents() {
        return List.of(
                os(at(0.5), OsEvent.Kind.FORK),
                os(at(0.6), OsEvent.Kind.EXEC),
                os(at(1.2), OsEvent.Kind.EXEC),
                os(at(1.3), OsEvent.Kind.CONNECT),
                os(at(3), OsEvent.Kind.EXIT),
                entry(at(3.5), Map.of("MESSAGE", "of a program that nobody knows")),
                entry(at(3.6), Map.of("HINDSIGHT_JSON", "{\"kind\":")),
                // After the window's end.
                os(at(3_600), OsEvent.Kind.EXIT));
    }

    private static List<FixtureEntry> changes() {
        Map<String, Object> backOff = Map.of("type", "Warning", "reason", "BackOff", "note", "Back-off restarting");
        return List.of(
                change(at(0.1), KubernetesChange.Kind.ADDED, "Pod", Map.of("metadata", Map.of()), null, Map.of()),
                change(at(1.1), KubernetesChange.Kind.MODIFIED, "Pod", null, Map.of("status", Map.of()), Map.of()),
                change(at(1.2), KubernetesChange.Kind.ADDED, "Event", backOff, null, Map.of()),
                change(
                        at(2.2),
                        KubernetesChange.Kind.MODIFIED,
                        "Event",
                        null,
                        Map.of("count", 5),
                        Map.of("K8S_REASON", "BackOff", "K8S_TYPE", "Warning")),
                change(
                        at(2.3),
                        KubernetesChange.Kind.ADDED,
                        "Event",
                        Map.of("type", "Normal", "reason", "two words\n"),
                        null,
                        Map.of()),
                change(at(2.4), KubernetesChange.Kind.DELETED, "Event", backOff, null, Map.of()));
    }

    private static List<FixtureEntry> checkpoint(ChunkSource source, double seconds) {
        List<FixtureEntry> entries = new ArrayList<>();
        for (CheckpointPart part : CheckpointPart.values()) {
            Map<String, String> field = Map.of("HINDSIGHT_CHECKPOINT", part.name());
            boolean isEntry = part == CheckpointPart.ENTRY;
            entries.add(
                    source == ChunkSource.OS
                            ? os(at(seconds), isEntry ? OsEvent.Kind.PROCESS : OsEvent.Kind.CHECKPOINT)
                            : change(
                                    at(seconds),
                                    isEntry ? KubernetesChange.Kind.KNOWN : KubernetesChange.Kind.CHECKPOINT,
                                    "Pod",
                                    Map.of(),
                                    null,
                                    field));
        }
        return entries;
    }

    /** The journal entry of an operating-system event. */
    public static FixtureEntry os(long timeNs, OsEvent.Kind kind) {
        OsEvent event = new OsEvent(kind, timeNs, null, null, null, null, null, null, null, null, null);
        return entry(timeNs, Map.of("HINDSIGHT_JSON", json(event), "MESSAGE", kind.name()));
    }

    /** The journal entry of a change. */
    public static FixtureEntry change(
            long timeNs,
            KubernetesChange.Kind kind,
            String resource,
            @Nullable Map<String, Object> object,
            @Nullable Map<String, Object> patch,
            Map<String, String> fields) {
        KubernetesChange change =
                new KubernetesChange(
                        kind,
                        timeNs,
                        EpochNanos.toInstant(timeNs),
                        "v1",
                        resource,
                        "shop",
                        "it",
                        "u-1",
                        "7",
                        object,
                        patch,
                        null,
                        null);
        Map<String, String> all = new HashMap<>(fields);
        all.put("HINDSIGHT_JSON", json(change));
        return entry(timeNs, all);
    }

    private static FixtureEntry entry(long timeNs, Map<String, String> fields) {
        return new FixtureEntry(timeNs, fields);
    }

    private static String json(Record event) {
        return new String(EventEntry.json(event), StandardCharsets.UTF_8);
    }
}
