package io.hindsight.hub.verify;

import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkHeaderDescriptor;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.Crc32c;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Finds the one flipped bit of a broken chunk, by its two CRCs; and makes sure by turning it back: then the chunk must pass every check. One thread
 * at a time.
 */
final class BitLocator {
    private static final int CRC_FIELD =
            ChunkHeaderDescriptor.OFFSET_IN_CHUNK + ChunkHeaderDescriptor.HEADER_CRC_OFFSET;
    private static final int MIN_HEADER_LENGTH = CRC_FIELD + Integer.BYTES + BlockDescriptor.TRAILER_LENGTH;
    private static final int MAX_HEADER_LENGTH = ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH;

    /** Length of the SHB of sound chunks: the same in a whole file. */
    private int knownHeaderLength;

    /** Takes note of a sound chunk. */
    void learn(MemorySegment chunk) {
        knownHeaderLength = (int) ChunkVerifier.bodyOffset(chunk, 0);
    }

    /** Number of the bit, from the lowest of the first byte; −1 where no single one explains what is wrong. The bytes are as before. */
    long locate(MemorySegment chunk) {
        if (chunk.byteSize() < MIN_HEADER_LENGTH) {
            return -1;
        }
        int headerLength = (int) ChunkVerifier.bodyOffset(chunk, 0);
        long bit = locate(chunk, isPossible(chunk, headerLength) ? headerLength : knownHeaderLength);
        return bit >= 0 ? bit : inHeaderLength(chunk, headerLength);
    }

    private static boolean isPossible(MemorySegment chunk, int headerLength) {
        return headerLength >= MIN_HEADER_LENGTH
                && headerLength <= Math.min(chunk.byteSize(), MAX_HEADER_LENGTH)
                && headerLength % BlockDescriptor.ALIGNMENT == 0;
    }

    /** Where the length itself has the flipped bit, the CRC covers other bytes: each bit of it is tried. */
    private static long inHeaderLength(MemorySegment chunk, int headerLength) {
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            long number = (long) BlockDescriptor.TOTAL_LENGTH_OFFSET * Byte.SIZE + bit;
            if (isPossible(chunk, headerLength ^ (1 << bit)) && isSoundWithout(chunk, number)) {
                return number;
            }
        }
        return -1;
    }

    private static long locate(MemorySegment chunk, int headerLength) {
        if (!isPossible(chunk, headerLength)) {
            return -1;
        }
        long inHeader = inHeader(chunk, headerLength);
        if (inHeader >= 0 && isSoundWithout(chunk, inHeader)) {
            return inHeader;
        }
        long inBody = inBody(chunk, headerLength);
        return inBody >= 0 && isSoundWithout(chunk, inBody) ? inBody : -1;
    }

    private static long inHeader(MemorySegment chunk, int headerLength) {
        ByteBuffer before = chunk.asSlice(0, CRC_FIELD).asByteBuffer();
        ByteBuffer after =
                chunk.asSlice(CRC_FIELD + Integer.BYTES, headerLength - CRC_FIELD - Integer.BYTES).asByteBuffer();
        int computed = Crc32c.of(List.of(before, ByteBuffer.allocate(Integer.BYTES), after));
        int difference = computed ^ chunk.get(LittleEndian.U32, CRC_FIELD);
        return Integer.bitCount(difference) == 1
                ? (long) CRC_FIELD * Byte.SIZE + Integer.numberOfTrailingZeros(difference)
                : SingleBit.find(difference, headerLength);
    }

    private static long inBody(MemorySegment chunk, int headerLength) {
        long bodyCrcField = ChunkHeaderDescriptor.OFFSET_IN_CHUNK + ChunkHeaderDescriptor.BODY_CRC_OFFSET;
        int computed = Crc32c.of(chunk.asSlice(headerLength));
        long bit =
                SingleBit.find(computed ^ chunk.get(LittleEndian.U32, bodyCrcField), chunk.byteSize() - headerLength);
        return bit < 0 ? -1 : bit + (long) headerLength * Byte.SIZE;
    }

    private static boolean isSoundWithout(MemorySegment chunk, long bit) {
        flip(chunk, bit);
        try {
            return ChunkVerifier.checkRecords(chunk, 0).lengthBytes() == chunk.byteSize();
        } catch (HindsightException stillBroken) {
            return false;
        } finally {
            flip(chunk, bit);
        }
    }

    private static void flip(MemorySegment chunk, long bit) {
        long at = bit / Byte.SIZE;
        byte flipped = (byte) (chunk.get(ValueLayout.JAVA_BYTE, at) ^ (1 << (bit % Byte.SIZE)));
        chunk.set(ValueLayout.JAVA_BYTE, at, flipped);
    }
}
