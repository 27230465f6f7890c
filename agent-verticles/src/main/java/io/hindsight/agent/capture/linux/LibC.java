package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's system calls that the agent needs, by the Foreign Function &amp; Memory API. As in the kernel itself, a negative result
 * is {@code -errno}. Thread-safe.
 */
@SuppressWarnings("restricted") // calling C is this class's purpose
public final class LibC {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** Where a failed call leaves its errno: a few bytes for each thread, freed with it. */
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CALL_STATE));

    private static final MethodHandle SOCKET =
            handle("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND =
            handle("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            handle("setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle GETSOCKOPT =
            handle("getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle MMAP =
            handle(
                    "mmap",
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP = handle("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle POLL =
            handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle EVENTFD = handle("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle READ =
            handle("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle WRITE =
            handle("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle SEND =
            handle("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECV =
            handle("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle OPEN =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    Linker.Option.captureCallState("errno"),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle SETNS = handle("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle MOUNT =
            handle("mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
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

    private static final MethodHandle IF_INDEXTONAME =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("if_indextoname"),
                    FunctionDescriptor.of(ADDRESS, JAVA_INT, ADDRESS));

    /** {@code IF_NAMESIZE}: an interface's name with its zero byte. */
    private static final int INTERFACE_NAME_LENGTH = 16;

    /** No text of {@code strerror} is longer. */
    private static final long MAX_ERROR_TEXT_LENGTH = 1_024;

    private LibC() {}

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
    }

    /** socket(2): the file descriptor. */
    public static int socket(int domain, int type, int protocol) {
        MemorySegment state = STATE.get();
        try {
            return result((int) SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** bind(2) to an address of the machine's layout. */
    public static int bind(int fd, MemorySegment address) {
        MemorySegment state = STATE.get();
        try {
            return result((int) BIND.invokeExact(state, fd, address, (int) address.byteSize()), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** setsockopt(2). */
    public static int setsockopt(int fd, int level, int option, MemorySegment value) {
        MemorySegment state = STATE.get();
        try {
            return result((int) SETSOCKOPT.invokeExact(state, fd, level, option, value, (int) value.byteSize()), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** {@code length} holds the length of {@code value}, and afterwards that of the answer. */
    static int getsockopt(int fd, int level, int option, MemorySegment value, MemorySegment length) {
        MemorySegment state = STATE.get();
        try {
            return result((int) GETSOCKOPT.invokeExact(state, fd, level, option, value, length), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Maps a file descriptor from its start, shared, to be read and written. The address, or {@code -errno}. */
    static long mmap(int fd, long lengthBytes) {
        return mmap(fd, 0, lengthBytes, SocketConstants.PROT_READ_WRITE);
    }

    /** Maps a part of what is behind a file descriptor, shared; {@code protection} as mmap(2) has it. The address, or {@code -errno}. */
    public static long mmap(int fd, long offset, long lengthBytes, int protection) {
        MemorySegment state = STATE.get();
        try {
            long address =
                    (long) MMAP.invokeExact(state, 0L, lengthBytes, protection, SocketConstants.MAP_SHARED, fd, offset);
            return result(address, state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** munmap(2): whoever looks there from now on ends the process. */
    public static int munmap(long address, long lengthBytes) {
        MemorySegment state = STATE.get();
        try {
            return result((int) MUNMAP.invokeExact(state, address, lengthBytes), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Waits for any of the {@link PollDescriptor}s. */
    public static int poll(MemorySegment descriptors, int timeoutMs) {
        MemorySegment state = STATE.get();
        try {
            long count = descriptors.byteSize() / PollDescriptor.LENGTH;
            return result((int) POLL.invokeExact(state, descriptors, count, timeoutMs), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int eventfd() {
        MemorySegment state = STATE.get();
        try {
            return result((int) EVENTFD.invokeExact(state, 0, SocketConstants.EFD_CLOEXEC_NONBLOCK), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long read(int fd, MemorySegment buffer) {
        MemorySegment state = STATE.get();
        try {
            return result((long) READ.invokeExact(state, fd, buffer, buffer.byteSize()), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long write(int fd, MemorySegment buffer) {
        MemorySegment state = STATE.get();
        try {
            return result((long) WRITE.invokeExact(state, fd, buffer, buffer.byteSize()), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** send(2) without flags: bytes sent. */
    public static long send(int fd, MemorySegment buffer) {
        MemorySegment state = STATE.get();
        try {
            return result((long) SEND.invokeExact(state, fd, buffer, buffer.byteSize(), 0), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** recv(2): bytes received; of a datagram at most what the buffer holds. */
    public static long recv(int fd, MemorySegment buffer, int flags) {
        MemorySegment state = STATE.get();
        try {
            return result((long) RECV.invokeExact(state, fd, buffer, buffer.byteSize(), flags), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** close(2). */
    public static int close(int fd) {
        MemorySegment state = STATE.get();
        try {
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Opens a file to be read; it is closed where the process becomes another program. */
    public static int openReadOnly(String path) {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            return result((int) OPEN.invokeExact(state, name, SocketConstants.O_RDONLY_CLOEXEC), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Moves the calling thread, and no other, into the network namespace. Only for a thread that does nothing else afterwards. */
    public static int enterNetworkNamespace(int fd) {
        MemorySegment state = STATE.get();
        try {
            return result((int) SETNS.invokeExact(state, fd, SocketConstants.CLONE_NEWNET), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Mounts a file system that needs no device. */
    public static int mount(String type, String folder) {
        MemorySegment state = STATE.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(type);
            MemorySegment place = arena.allocateFrom(folder);
            return result((int) MOUNT.invokeExact(state, name, place, name, 0L, MemorySegment.NULL), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** clock_gettime(2): what a clock shows, as a {@code struct timespec}. Nothing of the JVM comes between the call and the clock. */
    public static int clockGettime(int clock, MemorySegment time) {
        try {
            return (int) CLOCK_GETTIME.invokeExact(clock, time);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Bytes of a page of memory. */
    public static int pageSize() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The name of an interface in the calling thread's network namespace, or empty where there is none of this index. */
    static String interfaceName(int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(INTERFACE_NAME_LENGTH);
            MemorySegment found = (MemorySegment) IF_INDEXTONAME.invokeExact(index, name);
            return found.equals(MemorySegment.NULL) ? "" : name.getString(0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** The C library's words for an errno. */
    public static String errorText(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(MAX_ERROR_TEXT_LENGTH).getString(0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static int result(int value, MemorySegment state) {
        return value >= 0 ? value : -(int) ERRNO.get(state, 0L);
    }

    private static long result(long value, MemorySegment state) {
        return value >= 0 ? value : -(int) ERRNO.get(state, 0L);
    }

    /** C functions throw nothing: only a defect, such as an {@code Error} of the JVM, comes here. */
    private static AssertionError impossible(Throwable e) {
        return new AssertionError("A system call failed in the JVM", e);
    }
}
