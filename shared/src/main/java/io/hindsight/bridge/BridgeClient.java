package io.hindsight.bridge;

import io.hindsight.bus.LinkProtocol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open WebSocket that speaks {@link BridgeFrames}, until it ends. It ends once, with a reason: the peer closed it, broke the protocol of
 * WebSockets, sent more than may be sent, took too little of what it is sent, or was silent.
 *
 * <p>What the socket does not take at once waits, up to {@value #MAX_WAITING_CHARS} characters. What comes and is not understood is counted.
 * Everything belongs to the context of the socket.
 */
public final class BridgeClient {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeClient.class);

    /** Two of the longest messages: answers to a peer that asks faster than it reads. */
    public static final int MAX_WAITING_CHARS = 2 * LinkProtocol.MAX_MESSAGE_BYTES;

    private static final int UTF8_BYTES_PER_CHAR = 3;

    private final Vertx vertx;
    private final WebSocket socket;
    private final Owner owner;
    private final Deque<String> waiting = new ArrayDeque<>();
    private int waitingChars;
    private long lastHeardNs = System.nanoTime();
    private long lastTakenNs = lastHeardNs;
    private long notUnderstood;
    private boolean ended;
    private Future<Void> closed = Future.succeededFuture();

    /** Whoever uses the socket. */
    public interface Owner {
        /** A message of the bridge came. */
        void received(BridgeFrame frame);

        /** The socket takes more, and nothing waits. */
        void writable();

        /** It is over; nothing comes any more. */
        void ended(String reason);
    }

    /** Takes the socket over, on its context. */
    public BridgeClient(Vertx vertx, WebSocket socket, Owner owner) {
        this.vertx = vertx;
        this.socket = socket;
        this.owner = owner;
        socket.textMessageHandler(this::receive);
        // The bridge of Vert.x Web writes its JSON into binary messages.
        socket.binaryMessageHandler(message -> receive(message.toString(StandardCharsets.UTF_8)));
        socket.pongHandler(pong -> heard());
        socket.drainHandler(drained -> drain());
        socket.exceptionHandler(broken -> end("it broke: " + HubWords.of(String.valueOf(broken.getMessage())), true));
        socket.closeHandler(closed -> end(closeReason(), false));
    }

    private String closeReason() {
        String reason = socket.closeReason();
        String words = reason == null || reason.isBlank() ? "" : ", reason: " + HubWords.of(reason);
        return "the Hub closed it with status " + socket.closeStatusCode() + words;
    }

    private void receive(String text) {
        if (ended) {
            return;
        }
        heard();
        BridgeFrames.parse(text).ifPresentOrElse(owner::received, this::countNotUnderstood);
    }

    private void heard() {
        lastHeardNs = System.nanoTime();
    }

    private void countNotUnderstood() {
        notUnderstood++;
        if (notUnderstood == 1) {
            LOG.warn(
                    "The Hub sent a message that is none of the bridge's; it is passed over, and so are others like it.");
        }
    }

    /** Messages that were none of the bridge's. */
    public long notUnderstood() {
        return notUnderstood;
    }

    /** Has what is sent to this address come. */
    public void register(String address) {
        write(BridgeFrames.register(address));
    }

    /** Has nothing more of this address come. */
    public void unregister(String address) {
        write(BridgeFrames.unregister(address));
    }

    /** Sends a message; longer ones than the protocol allows are not sent: false. */
    public boolean send(String address, Map<String, String> headers, JsonObject body, @Nullable String replyAddress) {
        String text = BridgeFrames.send(address, headers, body, replyAddress);
        if (isTooLong(text)) {
            return false;
        }
        write(text);
        return true;
    }

    private static boolean isTooLong(String text) {
        return text.length() > LinkProtocol.MAX_MESSAGE_BYTES / UTF8_BYTES_PER_CHAR
                && text.getBytes(StandardCharsets.UTF_8).length > LinkProtocol.MAX_MESSAGE_BYTES;
    }

    /** Both kinds: the bridge closes a socket without its own pings, and answers only those of WebSockets. */
    public void ping() {
        if (isWritable()) {
            written(socket.writePing(Buffer.buffer()));
            write(BridgeFrames.ping());
        }
    }

    /** Whether what is sent now goes out at once. */
    public boolean isWritable() {
        return waiting.isEmpty() && takesMore();
    }

    /** From a closing frame to the end of the connection a socket is closed already. */
    private boolean takesMore() {
        return !ended && !socket.isClosed() && !socket.writeQueueFull();
    }

    private void write(String text) {
        if (ended || socket.isClosed()) {
            return;
        }
        if (isWritable()) {
            writeNow(text);
        } else if (waitingChars + text.length() > MAX_WAITING_CHARS) {
            close("the Hub takes less than it asks for: more than " + MAX_WAITING_CHARS + " characters wait");
        } else {
            waiting.add(text);
            waitingChars += text.length();
        }
    }

    private void writeNow(String text) {
        lastTakenNs = System.nanoTime();
        written(socket.writeTextMessage(text));
    }

    private void written(Future<Void> write) {
        write.onFailure(broken -> end("it takes nothing: " + HubWords.of(String.valueOf(broken.getMessage())), true));
    }

    private void drain() {
        lastTakenNs = System.nanoTime();
        while (!waiting.isEmpty() && takesMore()) {
            String text = waiting.remove();
            waitingChars -= text.length();
            writeNow(text);
        }
        if (isWritable()) {
            owner.writable();
        }
    }

    /** Whether nothing has come, or nothing could be written, for so long. */
    public boolean isSilent(long nowNs, long limitNs) {
        return nowNs - lastHeardNs > limitNs || (!isWritable() && nowNs - lastTakenNs > limitNs);
    }

    /**
     * Ends it from this side; {@link Owner#ended} is called before this returns.
     *
     * @return succeeds when the connection is closed
     */
    public Future<Void> close(String reason) {
        end(reason, true);
        return closed;
    }

    private void end(String reason, boolean closing) {
        if (ended) {
            return;
        }
        ended = true;
        waiting.clear();
        if (closing) {
            closed = SocketEnd.close(vertx, socket);
        }
        owner.ended(reason);
    }
}
