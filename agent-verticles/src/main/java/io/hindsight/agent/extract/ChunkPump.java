package io.hindsight.agent.extract;

import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.Chunk;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends the chunks of a {@link Feed} over one channel after the other: prepares the next one on a worker while the Hub writes, and sends as far as the credit
 * reaches, in turn with others under the agent's ceiling.
 *
 * <p>Event-loop-confined: every method and field belongs to the agent verticle's context.
 */
final class ChunkPump {
    /** Until it is asked again whether one more slot may be read: about what the Hub takes to write a chunk. */
    private static final long READERS_RETRY_MS = 20;

    private final Feed feed;
    private final WorkerExecutor workers;
    private final Context loop;
    private final RateLimit.Place rate;
    private final TransferCounters transfers;

    // The present stream; channel == null: there is none.
    private @Nullable ChunkChannel channel;
    private @Nullable Chunk ready;
    private int stream;
    private boolean busy;
    private boolean waitsForReaders;
    private long creditBytes;
    private long underWayBytes;
    private long sentChunks;
    private long sentBytes;

    /** What is to be sent, and who is told what became of it. One chunk at a time: each has its fate before the next one is asked for. */
    interface Feed {
        /** Ends that are due now that nothing is in hand, in their order. */
        List<StreamEnd> due();

        /** The next chunk; null where there is none: the channel is closed then. */
        @Nullable PlannedChunk next();

        /** Its bytes have been read and were right. Whether its pin held meanwhile; if so, it is sent. */
        boolean mayBeSent(PlannedChunk planned);

        /** It is with the channel. */
        void sent();

        /** It holds no record that is wanted. */
        void empty(PlannedChunk planned);

        /** Its slot holds another chunk by now. */
        void gone(PlannedChunk planned);

        /** Its bytes are not what was committed. */
        void unreadable(PlannedChunk planned, Throwable cause);

        /** The channel has failed, and is closed; another one may be started. */
        void broken(Throwable cause);
    }

    ChunkPump(Feed feed, WorkerExecutor workers, Context loop, RateLimit rate, TransferCounters transfers) {
        this.feed = feed;
        this.workers = workers;
        this.loop = loop;
        this.rate = rate.place();
        this.transfers = transfers;
    }

    /** Starts with another channel; what was under way over the one before is given up. */
    void start(ChunkChannel newChannel, long newCreditBytes) {
        stop();
        channel = newChannel;
        creditBytes = newCreditBytes;
        int started = stream;
        newChannel.onBreak(cause -> {
            if (started == stream) {
                broken(cause);
            }
        });
        pump();
    }

    void credit(long bytes) {
        creditBytes += bytes;
        underWayBytes = Math.max(0, underWayBytes - bytes);
        pump();
    }

    /** Whether the next chunk waits for its turn under the agent's ceiling, or until fewer slots are being read. */
    boolean isHeldBack() {
        return rate.isWaiting() || waitsForReaders;
    }

    boolean isStreaming() {
        return channel != null;
    }

    /** Chunks that were handed to the present channel. */
    long sentChunks() {
        return sentChunks;
    }

    /** Their bytes. */
    long sentBytes() {
        return sentBytes;
    }

    /** Goes on where something new is due. */
    void pump() {
        if (busy || channel == null) {
            return;
        }
        if (ready != null) {
            if (creditAllows(ready)) {
                sendInTurn(channel, ready);
            }
            return;
        }
        List<StreamEnd> due = feed.due();
        if (!due.isEmpty()) {
            tell(channel, due);
            return;
        }
        PlannedChunk planned = feed.next();
        if (planned == null) {
            finish(List.of());
        } else {
            prepare(planned);
        }
    }

    /** One chunk may always be under way: else a credit smaller than a chunk would stop the stream for good. */
    private boolean creditAllows(Chunk chunk) {
        return chunk.lengthBytes() <= creditBytes || underWayBytes == 0;
    }

    private void prepare(PlannedChunk planned) {
        busy = true;
        int startedIn = stream;
        switch (planned.beginReading()) {
            case BEGUN -> read(planned, startedIn);
            case LATER -> {
                waitsForReaders = true;
                loop.owner().setTimer(READERS_RETRY_MS, later -> prepareAgain(planned, startedIn));
            }
            case GONE ->
                    loop.runOnContext(turn -> {
                        if (startedIn == stream) {
                            busy = false;
                            feed.gone(planned);
                            pump();
                        }
                    });
        }
    }

    private void prepareAgain(PlannedChunk planned, int startedIn) {
        if (startedIn == stream) {
            waitsForReaders = false;
            prepare(planned);
        }
    }

    /** A worker may be done before anybody listens, and then the listener runs here and now: a turn of the loop lets other sessions have theirs. */
    private void read(PlannedChunk planned, int startedIn) {
        transfers.read(planned.source().ring().spec().source(), planned.slot().committedLength());
        workers.executeBlocking(() -> ChunkPreparer.prepareReading(planned), false)
                .onComplete(done -> loop.runOnContext(turn -> prepared(planned, done, startedIn)));
    }

    private void prepared(PlannedChunk planned, AsyncResult<Optional<Chunk>> done, int startedIn) {
        if (startedIn != stream) {
            done.otherwise(Optional.empty()).result().ifPresent(Chunk::release);
            return;
        }
        busy = false;
        if (done.failed()) {
            feed.unreadable(planned, done.cause());
        } else if (done.result().isEmpty()) {
            feed.empty(planned);
        } else if (feed.mayBeSent(planned)) {
            ready = done.result().get();
        } else {
            done.result().get().release();
        }
        pump();
    }

    /** Until its turn comes the chunk stays here; a stream that stops meanwhile gives the turn up. */
    private void sendInTurn(ChunkChannel to, Chunk chunk) {
        busy = true;
        rate.take(chunk.lengthBytes(), () -> send(to, chunk));
    }

    private void send(ChunkChannel to, Chunk chunk) {
        ready = null;
        creditBytes -= chunk.lengthBytes();
        underWayBytes += chunk.lengthBytes();
        sentChunks++;
        sentBytes += chunk.lengthBytes();
        transfers.sent(chunk.header().source(), chunk.lengthBytes());
        feed.sent();
        goOnAfter(handOver(to, chunk));
    }

    private void goOnAfter(Future<Void> sending) {
        busy = true;
        int startedIn = stream;
        sending.onComplete(sent -> {
            if (startedIn == stream) {
                busy = false;
                if (sent.failed()) {
                    broken(sent.cause());
                }
                pump();
            }
        });
    }

    /** A channel that throws has not taken the chunk; the session must not wait for it for ever. */
    private static Future<Void> handOver(ChunkChannel to, Chunk chunk) {
        try {
            return to.send(chunk);
        } catch (RuntimeException e) {
            chunk.release();
            return Future.failedFuture(e);
        }
    }

    private void tell(ChunkChannel to, List<StreamEnd> ends) {
        goOnAfter(tellAll(to, ends));
    }

    private static Future<Void> tellAll(ChunkChannel to, List<StreamEnd> ends) {
        Future<Void> told = Future.succeededFuture();
        for (StreamEnd end : ends) {
            told = told.compose(before -> to.end(end));
        }
        return told;
    }

    private void broken(Throwable cause) {
        stop();
        feed.broken(cause);
    }

    /** Sends nothing more but these ends, and closes the channel. */
    void finish(List<StreamEnd> ends) {
        ChunkChannel to = channel;
        if (to == null) {
            return;
        }
        channel = null;
        stop();
        tellAll(to, ends).onFailure(feed::broken).onComplete(told -> to.close());
    }

    /** Ends the stream without a word. */
    void stop() {
        stream++;
        if (channel != null) {
            channel.close();
            channel = null;
        }
        rate.giveUp();
        busy = false;
        waitsForReaders = false;
        if (ready != null) {
            ready.release();
            ready = null;
        }
        creditBytes = 0;
        underWayBytes = 0;
        sentChunks = 0;
        sentBytes = 0;
    }
}
