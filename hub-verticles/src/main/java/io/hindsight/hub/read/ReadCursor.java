package io.hindsight.hub.read;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.MappedFiles;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks the chunks of mapped data files by their headers, which stand in the data, each giving the next one's place. Touches one page of each chunk; the rest only of
 * those that are {@linkplain #check() checked}. Nothing of a file is passed over in silence: chunks lie end to end up to the file's last byte. Blocks: on workers, one
 * at a time.
 */
final class ReadCursor {
    private final MappedFiles files;
    private final Set<ChunkSource> sources;
    private int file;
    private long offset;
    private @Nullable ChunkHeader header;

    /** {@code sources}: chunks of others are passed over. */
    ReadCursor(MappedFiles files, Set<ChunkSource> sources) {
        this.files = files;
        this.sources = Set.copyOf(sources);
    }

    /**
     * The chunk that comes next; it stays until it is {@linkplain #pass passed}. Null at the end.
     *
     * @throws HindsightException INTEGRITY_VIOLATED or IO_FAILED with file and offset
     */
    @Nullable ChunkHeader peek() {
        while (header == null && file < files.count()) {
            if (offset == files.segment(file).byteSize()) {
                file++;
                offset = 0;
            } else {
                ChunkHeader found = read();
                if (sources.contains(found.source())) {
                    header = found;
                } else {
                    offset += found.lengthBytes();
                }
            }
        }
        return header;
    }

    private ChunkHeader read() {
        MemorySegment segment = files.segment(file);
        try {
            ChunkHeader found = ChunkHeaderCodec.read(segment, offset);
            long left = segment.byteSize() - offset;
            if (found.lengthBytes() <= 0 || found.lengthBytes() > left) {
                throw new HindsightException(
                        ErrorCode.INTEGRITY_VIOLATED,
                        "The chunk at offset="
                                + offset
                                + " has length="
                                + found.lengthBytes()
                                + ", but "
                                + left
                                + " bytes are left.");
            }
            return found;
        } catch (RuntimeException | InternalError e) {
            throw files.failure(file, e);
        }
    }

    /** The chunk that comes next: all of its bytes read, and both checksums right. */
    MemorySegment check() {
        ChunkHeader next = next();
        try {
            MemorySegment bytes = files.segment(file).asSlice(offset, next.lengthBytes());
            ChunkVerifier.checkBytes(bytes, 0);
            return bytes;
        } catch (RuntimeException | InternalError e) {
            throw files.failure(file, e);
        }
    }

    /** What a page of the present file that cannot be had means. */
    HindsightException failure(Throwable cause) {
        return files.failure(file, cause);
    }

    /** On to the one after it. */
    void pass() {
        offset += next().lengthBytes();
        header = null;
    }

    private ChunkHeader next() {
        ChunkHeader next = header;
        if (next == null) {
            throw new IllegalStateException("There is no chunk here.");
        }
        return next;
    }
}
