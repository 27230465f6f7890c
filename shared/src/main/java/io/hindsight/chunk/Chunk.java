package io.hindsight.chunk;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A chunk on its way from a ring to a file: the decoded header and the bytes, as one or more read-only slices that together are one
 * complete pcapng section. On the local event bus it passes by reference, and the slices may lie in an agent's mapped ring: they stay
 * as they are until the receiver gives them back with {@link #release()}, which it owes in any case.
 *
 * <p>Slices may lie on pages that are not in memory: touch them on a worker, never on an event loop.
 *
 * <p>Not thread-safe: one owner at a time. {@link #parts()} hands out duplicates, so that a reader never moves another's position.
 */
public final class Chunk {
    private final ChunkHeader header;
    private final List<ByteBuffer> parts;
    private final AtomicReference<@Nullable Runnable> release;

    /**
     * @param header as read from, or written into, the first slice
     * @param parts slices in file order, little-endian or not: only their bytes count; their remaining bytes add up to
     *     {@link ChunkHeader#lengthBytes()}
     * @param release gives pooled memory back; runs at most once, on any thread
     */
    public Chunk(ChunkHeader header, List<ByteBuffer> parts, Runnable release) {
        long length = parts.stream().mapToLong(ByteBuffer::remaining).sum();
        if (length != header.lengthBytes()) {
            throw new IllegalArgumentException(
                    "The slices hold " + length + " bytes, the header says " + header.lengthBytes() + ".");
        }
        this.header = header;
        this.parts = parts.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
        this.release = new AtomicReference<>(release);
    }

    /** A chunk whose memory somebody else keeps. */
    public static Chunk unowned(ChunkHeader header, List<ByteBuffer> parts) {
        return new Chunk(header, parts, () -> {});
    }

    /** The decoded header. */
    public ChunkHeader header() {
        return header;
    }

    /** Fresh read-only duplicates of the slices, for a gathering write. */
    public ByteBuffer[] parts() {
        return parts.stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
    }

    /** Bytes of the whole chunk. */
    public long lengthBytes() {
        return header.lengthBytes();
    }

    /**
     * So many chunks over the same memory, one for each owner, any thread each: it is given back when all of them have given it back. This one is theirs from
     * then on and must not be used any more.
     *
     * @param count at least 1
     */
    public List<Chunk> share(int count) {
        Runnable giveBack = release.getAndSet(null);
        AtomicInteger left = new AtomicInteger(count);
        Runnable giveBackOne =
                () -> {
                    if (left.decrementAndGet() == 0 && giveBack != null) {
                        giveBack.run();
                    }
                };
        return Stream.generate(() -> new Chunk(header, parts, giveBackOne)).limit(count).toList();
    }

    /** Gives the memory back; the slices must not be touched afterwards. A second call does nothing. */
    public void release() {
        Runnable giveBack = release.getAndSet(null);
        if (giveBack != null) {
            giveBack.run();
        }
    }
}
