package io.hindsight.agent.ring;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ring's file: locked, allocated to its last block, and mapped.
 *
 * <p><strong>Rule for a file that is there already:</strong> if its header is sound and format version, node, source, slot size and number
 * of slots are the wanted ones, it is kept, history and all. Otherwise it is made anew, and the log says why: a ring is a cache of the
 * recent past, and an operator who changes its size or takes over a disk wants recording, not a refusal.
 *
 * <p>The lock lies on a file of its own ({@code packets.ring.lock}), because closing any descriptor of a file ends the process's locks on
 * it. The mapping is freed by the garbage collector when nothing refers to it any more, so that no reader can ever touch memory that is
 * gone.
 */
final class RingFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RingFile.class);
    private static final int ZEROS_LENGTH = 1 << 20;

    private final RingGeometry geometry;
    private final MemorySegment mapped;
    private final boolean created;
    private final FileChannel lockChannel;

    private RingFile(RingGeometry geometry, MemorySegment mapped, boolean created, FileChannel lockChannel) {
        this.geometry = geometry;
        this.mapped = mapped;
        this.created = created;
        this.lockChannel = lockChannel;
    }

    /**
     * Opens or makes the file.
     *
     * @throws HindsightException INSUFFICIENT_STORAGE with needed and free bytes; WRONG_STATE where another agent has it open; IO_FAILED
     */
    static RingFile open(RingSpec spec, Clock clock) {
        RingGeometry geometry = RingGeometry.of(spec.storageBytes(), spec.slotSize());
        @Nullable FileChannel lock = null;
        try {
            Files.createDirectories(spec.file().toAbsolutePath().getParent());
            lock = lock(spec.file());
            return openLocked(spec, geometry, clock, lock);
        } catch (IOException e) {
            closeQuietly(lock);
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "Cannot open the ring file=" + spec.file() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            closeQuietly(lock);
            throw e;
        }
    }

    private static RingFile openLocked(RingSpec spec, RingGeometry geometry, Clock clock, FileChannel lock)
            throws IOException {
        Optional<String> mismatch = mismatch(spec, geometry);
        if (mismatch.isPresent()) {
            if (Files.exists(spec.file())) {
                LOG.warn("The ring file={} is made anew: {}.", spec.file(), mismatch.get());
                Files.delete(spec.file());
            }
            Files.createFile(spec.file());
        }
        allocate(spec.file(), geometry.fileLength(), mismatch.isPresent());
        MemorySegment mapped = map(spec.file(), geometry.fileLength());
        if (mismatch.isPresent()) {
            long createdNs = EpochNanos.of(clock.instant());
            RingHeader.write(mapped.asSlice(0, RingHeaderDescriptor.LENGTH), spec, geometry, createdNs);
        }
        return new RingFile(geometry, mapped, mismatch.isPresent(), lock);
    }

    private static FileChannel lock(Path file) throws IOException {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            @Nullable FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException thisProcess) {
            LOG.debug("The ring is open in this process already.", thisProcess);
        }
        channel.close();
        throw new HindsightException(
                ErrorCode.WRONG_STATE,
                "The ring file=" + file + " is in use by another agent (lock file=" + lockFile + ").");
    }

    private static Optional<String> mismatch(RingSpec spec, RingGeometry geometry) throws IOException {
        if (!Files.exists(spec.file())) {
            return Optional.of("there is none");
        }
        try (FileChannel channel = FileChannel.open(spec.file(), StandardOpenOption.READ)) {
            ByteBuffer page = ByteBuffer.allocate(RingHeaderDescriptor.LENGTH);
            while (page.hasRemaining() && channel.read(page, page.position()) > 0) {
                // Reads until the page is full or the file ends.
            }
            if (page.hasRemaining()) {
                return Optional.of("it is shorter than a ring's header");
            }
            Optional<String> mismatch = RingHeader.mismatch(MemorySegment.ofBuffer(page.flip()), spec, geometry);
            return mismatch.isEmpty() && channel.size() != geometry.fileLength()
                    ? Optional.of("its length=" + channel.size() + " is not " + geometry.fileLength())
                    : mismatch;
        }
    }

    /** Every block really allocated: neither ENOSPC nor SIGBUS can strike a capture thread later. */
    private static void allocate(Path file, long lengthBytes, boolean created) throws IOException {
        long freeBytes = Files.getFileStore(file).getUsableSpace();
        int result =
                created && freeBytes < lengthBytes ? NativeMemory.NO_SPACE : NativeMemory.allocate(file, lengthBytes);
        switch (result) {
            case NativeMemory.DONE -> {}
            case NativeMemory.UNSUPPORTED -> {
                if (created) {
                    writeZeros(file, lengthBytes);
                }
            }
            case NativeMemory.NO_SPACE, NativeMemory.QUOTA_EXCEEDED -> {
                if (created) {
                    Files.deleteIfExists(file);
                }
                throw new HindsightException(
                        ErrorCode.INSUFFICIENT_STORAGE,
                        "No room for the ring file="
                                + file
                                + ": needed="
                                + lengthBytes
                                + " free="
                                + freeBytes
                                + " bytes. Free some space, or set a smaller storage-size.");
            }
            default -> throw new IOException("posix_fallocate failed with errno=" + result);
        }
    }

    private static void writeZeros(Path file, long lengthBytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_LENGTH, lengthBytes));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long position = 0; position < lengthBytes; ) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), lengthBytes - position));
                position += channel.write(zeros, position);
            }
        }
    }

    private static MemorySegment map(Path file, long lengthBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, lengthBytes, Arena.ofAuto());
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.warn("Cannot close the ring's lock file.", e);
        }
    }

    RingGeometry geometry() {
        return geometry;
    }

    /** Whether the file was made now. */
    boolean created() {
        return created;
    }

    MemorySegment header() {
        return mapped.asSlice(0, RingHeaderDescriptor.LENGTH);
    }

    MemorySegment directory() {
        return mapped.asSlice(RingHeaderDescriptor.LENGTH, geometry.directoryLength());
    }

    MemorySegment slot(int index) {
        return mapped.asSlice(geometry.slotOffset(index), geometry.slotSize());
    }

    /** Ends the lock. The mapping lives as long as anybody refers to it. */
    @Override
    public void close() {
        closeQuietly(lockChannel);
    }
}
