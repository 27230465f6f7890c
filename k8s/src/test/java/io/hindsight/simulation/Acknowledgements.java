package io.hindsight.simulation;

import io.hindsight.bus.CreditGrant;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the present Hub has told nodes that it has on disk: the agents unpin it, so a power cut must leave it there. */
final class Acknowledgements {
    /** By snapshot and node, the last sequence. */
    private final Map<String, Map<String, Long>> sequences = new TreeMap<>();

    /** Another Hub: it acknowledges anew. */
    void clear() {
        sequences.clear();
    }

    /** An order that the Hub sends. */
    void credit(String node, JsonObject order) {
        CreditGrant grant = JsonMapping.fromJson(order, CreditGrant.class);
        grant.durable()
                .values()
                .forEach(sequence ->
                        sequences
                                .computeIfAbsent(grant.snapshotId(), id -> new TreeMap<>())
                                .merge(node, sequence, Math::max));
    }

    /** The files of snapshots under way for which something has been acknowledged, with the last sequence. */
    Map<String, Long> files(Path volume) {
        Map<String, Long> files = new HashMap<>();
        sequences.forEach((id, nodes) ->
                nodes.forEach((node, sequence) -> {
                    String name = "." + id + ".building/" + node + ".pcapng";
                    if (Files.exists(volume.resolve(name))) {
                        files.put(name, sequence);
                    }
                }));
        return files;
    }

    /** After a power cut. */
    static void check(Path volume, Map<String, Long> files) {
        files.forEach((name, sequence) -> {
            long held = lastSequence(volume.resolve(name));
            if (held < sequence) {
                throw new InvariantBroken(
                        "what is acknowledged is on disk",
                        name + " has chunks up to sequence=" + held + ", acknowledged was " + sequence);
            }
        });
    }

    private static long lastSequence(Path file) {
        long last = 0;
        try {
            byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            for (long at = 0; at < bytes.length; ) {
                ChunkHeader header = ChunkHeaderCodec.read(MemorySegment.ofArray(bytes), at);
                if (header.lengthBytes() <= 0 || at + header.lengthBytes() > bytes.length) {
                    break;
                }
                last = header.sequence();
                at += header.lengthBytes();
            }
        } catch (HindsightException | IndexOutOfBoundsException torn) {
            return last;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return last;
    }
}
