package io.hindsight.chunk;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli, RFC 3720 appendix B.4) of memory, by the JDK's intrinsic. */
public final class Crc32c {
    private Crc32c() {}

    /** Of the segment's bytes; at most 2 GiB. */
    public static int of(MemorySegment segment) {
        CRC32C crc = new CRC32C();
        crc.update(segment.asByteBuffer());
        return (int) crc.getValue();
    }

    /** Of all remaining bytes of the buffers, one after the other; their positions stay. */
    public static int of(Iterable<ByteBuffer> buffers) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer buffer : buffers) {
            crc.update(buffer.duplicate());
        }
        return (int) crc.getValue();
    }
}
