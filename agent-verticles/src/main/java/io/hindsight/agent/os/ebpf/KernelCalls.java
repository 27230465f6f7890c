package io.hindsight.agent.os.ebpf;

import io.hindsight.agent.capture.linux.LibC;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;

/** System calls whose failure is a whole sentence. Thread-safe. */
final class KernelCalls {
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;

    private KernelCalls() {}

    /**
     * Maps a part of what is behind a file descriptor, shared.
     *
     * @param what for the message of a failure
     * @throws HindsightException IO_FAILED
     */
    @SuppressWarnings("restricted") // the kernel says how long the mapping is
    static MemorySegment map(int fd, long offset, long lengthBytes, int protection, String what) {
        long address =
                require(
                        LibC.mmap(fd, offset, lengthBytes, protection),
                        "mmap(" + what + ", lengthBytes=" + lengthBytes + ")");
        return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    }

    /** Takes a mapping back; nothing may look at it from now on. */
    static void unmap(MemorySegment mapping) {
        require(LibC.munmap(mapping.address(), mapping.byteSize()), "munmap");
    }

    /** The result, if it is none of {@code -errno}; {@code call} names the system call and what it was for. */
    static long require(long result, String call) {
        if (result < 0) {
            throw new HindsightException(ErrorCode.IO_FAILED, call + " failed: " + errorText((int) -result) + ".");
        }
        return result;
    }

    /** The C library's words for an errno, and the number. */
    static String errorText(int errno) {
        return LibC.errorText(errno) + " (errno=" + errno + ")";
    }
}
