package io.hindsight.hub.link;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * Puts one socket's frames together to messages, within bounds: of a message, of its time, of frames and bytes a second, and, with the other sockets, of what
 * has arrived in part. One context.
 */
public final class LinkInbox {
    /** What an inbox does with what it has found. */
    public interface Receiver {
        /** A whole message. */
        void message(Buffer message);

        /** A bound was broken: nothing of what comes afterwards counts. */
        void refuse(LinkRefusal cause, String reason);
    }

    /** Bytes of messages that have arrived in part, over all sockets. One context. */
    public static final class PartialBytes {
        private final long max;
        private long held;

        /** At most {@code max}. */
        public PartialBytes(long max) {
            this.max = max;
        }

        /** Whether there is room; then it is taken. */
        public boolean take(int bytes) {
            if (held + bytes > max) {
                return false;
            }
            held += bytes;
            return true;
        }

        /** Whole, or given up. */
        public void give(int bytes) {
            held -= bytes;
        }

        /** How many there are. */
        public long held() {
            return held;
        }
    }

    private final LinkLimits limits;
    private final PartialBytes partialBytes;
    private final Receiver receiver;
    private final TokenBucket frames;
    private final TokenBucket bytes;
    private @Nullable Buffer partial;
    private long partialSinceNs;
    private boolean closed;

    /** Of one socket. */
    public LinkInbox(LinkLimits limits, PartialBytes partialBytes, Receiver receiver) {
        long nowNs = System.nanoTime();
        this.limits = limits;
        this.partialBytes = partialBytes;
        this.receiver = receiver;
        this.frames = new TokenBucket(limits.framesPerSecond(), limits.burstFrames(), nowNs);
        this.bytes = new TokenBucket(limits.bytesPerSecond(), limits.burstBytes(), nowNs);
    }

    /** One frame, of any kind. */
    public void frame(WebSocketFrame frame) {
        if (closed) {
            return;
        }
        Buffer data = frame.binaryData();
        long nowNs = System.nanoTime();
        if (!frames.take(1, nowNs) || !bytes.take(data.length(), nowNs)) {
            receiver.refuse(
                    LinkRefusal.FLOOD,
                    "It sends more than limit="
                            + limits.framesPerSecond()
                            + " frames or limit="
                            + limits.bytesPerSecond()
                            + " bytes a second.");
        } else if (frame.isText() || frame.isBinary()) {
            // That no message starts within another is the WebSocket decoder's to see.
            append(data, frame.isFinal(), nowNs);
        } else if (frame.isContinuation()) {
            append(data, frame.isFinal(), nowNs);
        }
    }

    private void append(Buffer data, boolean last, long nowNs) {
        Buffer before = partial;
        if (before == null && last) {
            receiver.message(data);
            return;
        }
        int length = (before == null ? 0 : before.length()) + data.length();
        if (length > limits.maxMessageBytes()) {
            receiver.refuse(
                    LinkRefusal.TOO_LARGE, "A message is longer than limit=" + limits.maxMessageBytes() + " bytes.");
        } else if (!partialBytes.take(data.length())) {
            receiver.refuse(
                    LinkRefusal.PARTIAL,
                    "limit=" + limits.maxPartialBytes() + " bytes of unfinished messages of all sockets are reached.");
        } else {
            collect(before, data, last, nowNs);
        }
    }

    private void collect(@Nullable Buffer before, Buffer data, boolean last, long nowNs) {
        if (before == null) {
            partialSinceNs = nowNs;
        }
        Buffer together = before == null ? data.copy() : before.appendBuffer(data);
        partial = together;
        if (last) {
            release();
            receiver.message(together);
        }
    }

    private void release() {
        if (partial != null) {
            partialBytes.give(partial.length());
            partial = null;
        }
    }

    /** Once a second. */
    public void check(long nowNs) {
        if (partial != null && nowNs - partialSinceNs > limits.messageTimeout().toNanos()) {
            receiver.refuse(
                    LinkRefusal.PARTIAL,
                    "A message did not end within limit=" + limits.messageTimeout().toMillis() + " ms.");
        }
    }

    /** Takes nothing any more. */
    public void close() {
        closed = true;
        release();
    }
}
