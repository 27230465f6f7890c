package io.hindsight.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Gathers the body of an answer, up to a bound, past which it is cancelled. Belongs to the connection's event loop until the body is done. */
public final class BoundedBody implements AsyncBody.Consumer<List<ByteBuffer>> {
    private static final int INITIAL = 16 << 10;

    private final int maxLength;
    private byte[] bytes = new byte[INITIAL];
    private int length;
    private boolean tooLong;

    /** {@code maxLength} in bytes. */
    public BoundedBody(int maxLength) {
        this.maxLength = maxLength;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) {
        for (ByteBuffer buffer : buffers) {
            if (buffer.remaining() > maxLength - length) {
                tooLong = true;
                body.cancel();
                return;
            }
            append(buffer);
        }
        body.consume();
    }

    private void append(ByteBuffer buffer) {
        int added = buffer.remaining();
        if (added > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.min(maxLength, Math.max(length + added, 2 * bytes.length)));
        }
        buffer.get(bytes, length, added);
        length += added;
    }

    /** Whether there was more than the bound. */
    public boolean isTooLong() {
        return tooLong;
    }

    /** What came, once the body is done. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
