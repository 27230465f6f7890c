package io.hindsight.chunk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C (Castagnoli, RFC 3720 appendix B.4) of memory, by the JDK's intrinsic.
 *
 * <p>The memory may be a mapped file. A page that cannot be had (the disk failed, the file was cut) raises SIGBUS; in ordinary accesses the JDK makes
 * an {@link InternalError} of that, but within the intrinsic it ends the process. So each page is touched by an ordinary access just before.
 */
public final class Crc32c {
    private static final long PAGE_SIZE = 4_096;

    /** Small enough that pages stay from the touch to the checksum, and bytes in the processor's cache. */
    private static final int STEP = 256 << 10;

    private Crc32c() {}

    /** Of the segment's bytes. */
    public static int of(MemorySegment segment) {
        CRC32C crc = new CRC32C();
        update(crc, segment);
        return (int) crc.getValue();
    }

    /** Of all remaining bytes of the buffers, one after the other; their positions stay. */
    public static int of(Iterable<ByteBuffer> buffers) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer buffer : buffers) {
            update(crc, MemorySegment.ofBuffer(buffer));
        }
        return (int) crc.getValue();
    }

    private static void update(CRC32C crc, MemorySegment segment) {
        for (long offset = 0; offset < segment.byteSize(); offset += STEP) {
            MemorySegment step = segment.asSlice(offset, Math.min(STEP, segment.byteSize() - offset));
            touch(step, 0, step.byteSize());
            crc.update(step.asByteBuffer());
        }
    }

    /**
     * Reads a byte of each page between the offsets.
     *
     * @return their exclusive or, of no meaning, so that no reading is left out
     * @throws InternalError where a page cannot be had
     */
    public static int touch(MemorySegment segment, long from, long to) {
        int seen = 0;
        for (long offset = from; offset < to; offset += PAGE_SIZE) {
            seen ^= segment.get(ValueLayout.JAVA_BYTE, offset);
        }
        return to > from ? seen ^ segment.get(ValueLayout.JAVA_BYTE, to - 1) : seen;
    }
}
