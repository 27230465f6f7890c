package io.hindsight.agent.ring;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import java.nio.file.Path;

/**
 * What a ring should be.
 *
 * @param file the ring file
 * @param node whose records it holds
 * @param source what the records are
 * @param storageBytes the file's greatest length, header and directory included
 * @param slotSize bytes of a slot: one chunk
 * @param application program and version, written into every chunk
 */
public record RingSpec(
        Path file, NodeId node, ChunkSource source, long storageBytes, int slotSize, String application) {
    /** The ring of a source in a folder: {@code packets.ring}, {@code os.ring}, … */
    public static Path fileIn(Path directory, ChunkSource source) {
        return directory.resolve(source.label() + ".ring");
    }
}
