package io.hindsight.agent.extract;

import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.vertx.core.Future;
import java.util.function.Consumer;

/**
 * Carries the chunks of one stream, of one session or of several, to the Hub, in order: by reference over the local event bus, or as bytes over a socket. The session keeps
 * to its byte credit; a channel adds what the carrier itself asks for.
 *
 * <p>Used on the session's event loop only. Contract:
 *
 * <ul>
 *   <li>One call at a time: the next one comes after the future of the previous one has completed.
 *   <li>A succeeded future of {@link #send} means that the channel can take another chunk, not that the Hub has it: only a
 *       {@link io.hindsight.bus.CreditGrant} says so. Until then the chunk's bytes stay as they are.
 *   <li>A failed future means that the stream is broken. The session stops sending, keeps its pins until the lease ends, and may be
 *       resumed with another channel. The chunk of a failed call has been released by the channel.
 * </ul>
 */
public interface ChunkChannel {
    /** Sends a chunk. */
    Future<Void> send(Chunk chunk);

    /** Sends the last message, behind every chunk sent before; of a shared stream that of one member, and more chunks may follow. */
    Future<Void> end(StreamEnd end);

    /**
     * Tells of a break that no call under way would tell of: a socket that closes while the session waits for credit. Runs at most once, on the session's
     * event loop, never after {@link #close}; at once where the channel is broken already.
     */
    void onBreak(Consumer<Throwable> broken);

    /** Gives up what the channel holds, a socket for example; nothing is sent after it. Idempotent. */
    void close();
}
