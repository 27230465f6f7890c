package io.hindsight.hub.export;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Direct buffers of 1 MiB that exports use again. Keeps a bounded number of them; what comes back beyond that is left to the garbage collector. Thread-safe. */
final class BufferPool {
    private final BlockingQueue<ByteBuffer> idle;

    BufferPool(int capacity) {
        this.idle = new ArrayBlockingQueue<>(capacity);
    }

    ByteBuffer take() {
        @Nullable ByteBuffer buffer = idle.poll();
        return buffer == null ? ByteBuffer.allocateDirect(Exporter.BUFFER_LENGTH) : buffer;
    }

    /** Only of a buffer that nobody writes from any more. */
    void giveBack(ByteBuffer buffer) {
        boolean kept = idle.offer(buffer.clear());
        assert kept || idle.remainingCapacity() == 0;
    }
}
