package io.hindsight.agent.capture.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An {@code eventfd}: any thread wakes another out of {@code poll}. */
final class WakeUp implements AutoCloseable {
    private final int fd = SystemCalls.require(LibC.eventfd(), "eventfd");
    private final MemorySegment one = Arena.ofAuto().allocateFrom(JAVA_LONG, 1L);
    private final MemorySegment counter = Arena.ofAuto().allocate(JAVA_LONG);

    int fd() {
        return fd;
    }

    /** Safe from any thread. */
    void signal() {
        long written = LibC.write(fd, one);
        if (written < 0 && written != -SocketConstants.EAGAIN) { // EAGAIN: signalled 2^64-1 times already
            throw SystemCalls.failure("write(eventfd)", (int) -written);
        }
    }

    /** Takes back all signals so far. The waiting thread's. */
    void clear() {
        long read = LibC.read(fd, counter);
        if (read < 0 && read != -SocketConstants.EAGAIN) {
            throw SystemCalls.failure("read(eventfd)", (int) -read);
        }
    }

    @Override
    public void close() {
        SystemCalls.require(LibC.close(fd), "close(eventfd)");
    }
}
