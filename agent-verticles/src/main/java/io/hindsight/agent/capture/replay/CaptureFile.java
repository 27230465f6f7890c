package io.hindsight.agent.capture.replay;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A mapped file of packets, read in either byte order, with errors that name file and offset. Nothing is read outside its length. One
 * thread at a time.
 */
final class CaptureFile implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;
    private boolean bigEndian;

    private CaptureFile(Path path) throws IOException {
        this.path = path;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    static CaptureFile open(Path path) {
        if (Files.isDirectory(path)) {
            throw new HindsightException(ErrorCode.IO_FAILED, "Cannot replay file=" + path + ": it is a folder.");
        }
        try {
            return new CaptureFile(path);
        } catch (NoSuchFileException absent) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "Cannot replay file=" + path + ": there is none.", absent);
        } catch (IOException e) {
            throw new HindsightException(ErrorCode.IO_FAILED, "Cannot replay file=" + path + ": " + e.getMessage(), e);
        }
    }

    Path path() {
        return path;
    }

    MemorySegment bytes() {
        return bytes;
    }

    long length() {
        return bytes.byteSize();
    }

    /** From here on, numbers are big-endian; else little-endian. */
    void bigEndian(boolean value) {
        bigEndian = value;
    }

    /** Fails unless so many bytes follow. */
    void require(long offset, long lengthBytes, String what) {
        if (lengthBytes < 0 || lengthBytes > length() - offset) {
            throw broken(
                    offset, what + " of length=" + lengthBytes + " runs past the end of the file, length=" + length());
        }
    }

    int int32(long offset) {
        int value = bytes.get(INT, offset);
        return bigEndian ? Integer.reverseBytes(value) : value;
    }

    long unsigned32(long offset) {
        return Integer.toUnsignedLong(int32(offset));
    }

    int unsigned16(long offset) {
        short value = bytes.get(SHORT, offset);
        return Short.toUnsignedInt(bigEndian ? Short.reverseBytes(value) : value);
    }

    long int64(long offset) {
        long value = bytes.get(LONG, offset);
        return bigEndian ? Long.reverseBytes(value) : value;
    }

    int unsigned8(long offset) {
        return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, offset));
    }

    /** What is wrong with the file, and where. */
    HindsightException broken(long offset, String what) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED,
                "The capture file=" + path + " is broken at offset=" + offset + ": " + what + ".");
    }

    @Override
    public void close() {
        arena.close();
    }
}
