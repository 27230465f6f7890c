package io.hindsight.agent.os.ebpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system calls that reading from kernel programs needs, by the Foreign Function &amp; Memory API; a negative result is {@code -errno}. Thread-safe. */
@SuppressWarnings("restricted") // calling C is this class's purpose
final class KernelCalls {
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EACCES = 13;

    static final int CLOCK_REALTIME = 0;
    static final int CLOCK_BOOTTIME = 7;

    private static final int MAP_SHARED = 1;
    private static final short POLLIN = 1;
    private static final int POLL_FD_OFFSET = 0;
    private static final int POLL_EVENTS_OFFSET = 4;
    private static final int POLL_LENGTH = 8;
    private static final int TIME_SECONDS_OFFSET = 0;
    private static final int TIME_NANOS_OFFSET = 8;
    private static final int TIME_LENGTH = 16;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long ERROR_TEXT_LENGTH = 1_024;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MMAP =
            handle(
                    "mmap",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle POLL =
            handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle MOUNT =
            handle("mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));

    /** Critical: between two looks at a clock the JVM must not put anything slow. */
    private static final MethodHandle CLOCK_GETTIME =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("clock_gettime"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS),
                    Linker.Option.critical(false));

    private static final MethodHandle GETPAGESIZE =
            LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("getpagesize"), FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle STRERROR =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private KernelCalls() {}

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
    }

    /**
     * Maps a part of what is behind a file descriptor, shared.
     *
     * @param what for the message of a failure
     * @throws HindsightException IO_FAILED
     */
    static MemorySegment map(int fd, long offset, long lengthBytes, int protection, String what) {
        long address = mmap(fd, offset, lengthBytes, protection);
        if (address < 0) {
            throw failure("mmap(" + what + ", length=" + lengthBytes + ")", (int) -address);
        }
        return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    }

    private static long mmap(int fd, long offset, long lengthBytes, int protection) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long address = (long) MMAP.invokeExact(state, 0L, lengthBytes, protection, MAP_SHARED, fd, offset);
            return address >= 0 ? address : -(int) ERRNO.get(state, 0L);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Takes a mapping back; nothing may look at it from now on. */
    static void unmap(MemorySegment mapping) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            if ((int) MUNMAP.invokeExact(state, mapping.address(), mapping.byteSize()) != 0) {
                throw failure("munmap", (int) ERRNO.get(state, 0L));
            }
        } catch (HindsightException e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Waits until there is something to read; false where the time-out, or a signal, ended it. */
    static boolean awaitReadable(int fd, int timeoutMs) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment descriptor = arena.allocate(POLL_LENGTH, Integer.BYTES);
            descriptor.set(JAVA_INT, POLL_FD_OFFSET, fd);
            descriptor.set(JAVA_SHORT, POLL_EVENTS_OFFSET, POLLIN);
            int ready = (int) POLL.invokeExact(state, descriptor, 1L, timeoutMs);
            if (ready < 0 && (int) ERRNO.get(state, 0L) != EINTR) {
                throw failure("poll(ring buffer)", (int) ERRNO.get(state, 0L));
            }
            return ready > 0;
        } catch (HindsightException e) {
            throw e;
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int mount(String type, String folder) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            MemorySegment name = arena.allocateFrom(type);
            int result = (int) MOUNT.invokeExact(state, name, arena.allocateFrom(folder), name, 0L, MemorySegment.NULL);
            return result == 0 ? 0 : -(int) ERRNO.get(state, 0L);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Room for {@link #time}. */
    static MemorySegment timeBuffer(Arena arena) {
        return arena.allocate(TIME_LENGTH, Long.BYTES);
    }

    /** What a clock shows, in nanoseconds. Allocates nothing. */
    static long time(int clock, MemorySegment buffer) {
        try {
            int result = (int) CLOCK_GETTIME.invokeExact(clock, buffer);
            assert result == 0; // both clocks are older than the kernel's ring buffer
            return buffer.get(JAVA_LONG, TIME_SECONDS_OFFSET) * NANOS_PER_SECOND
                    + buffer.get(JAVA_LONG, TIME_NANOS_OFFSET);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int pageSize() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The C library's words for an errno. */
    static String errorText(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(ERROR_TEXT_LENGTH).getString(0) + " (errno=" + errno + ")";
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static HindsightException failure(String call, int errno) {
        return new HindsightException(ErrorCode.IO_FAILED, call + " failed: " + errorText(errno) + ".");
    }

    /** C functions throw nothing: only a defect, such as an {@code Error} of the JVM, comes here. */
    private static AssertionError impossible(Throwable e) {
        return new AssertionError("A system call failed in the JVM", e);
    }
}
