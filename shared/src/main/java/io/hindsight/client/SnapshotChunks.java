package io.hindsight.client;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.BufferPiece;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.PieceAssembler;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.ReadCarrier;
import io.hindsight.bus.ReadClose;
import io.hindsight.bus.ReadCredit;
import io.hindsight.bus.ReadEnd;
import io.hindsight.bus.ReadOpened;
import io.hindsight.bus.ReadRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a sealed snapshot, in the order of the manifest's nodes and of their data files: of one node, one after the other, they are exactly the bytes of its data
 * file. In the Hub's own Vert.x they come by reference, in a cluster in pieces, over a bridge as base64; which it is finds itself.
 *
 * <p><b>Each chunk is the handler's, which releases it</b>, on any thread, when it has done with its bytes. Bytes that are under way, wait here, or were handed over and
 * not released never exceed the credit, or the one chunk that is longer: so a reader that pauses, or keeps what it has, stops the Hub, and loses nothing. The lease is
 * renewed meanwhile.
 *
 * <p>It ends with the end handler only where every chunk has come, by number and by bytes. Everything else is a {@link HindsightException} for the exception handler, at
 * once, in place of chunks that still wait: SNAPSHOT_NOT_FOUND, WRONG_STATE, UNKNOWN_NODE, TOO_MANY_REQUESTS, FORBIDDEN of the opening; NOT_READY where the Hub stops or is
 * gone, NOT_FOUND where it has given the reading up, INTEGRITY_VIOLATED where bytes are damaged, or messages were lost or doubled. A snapshot that is deleted meanwhile is
 * read to its end, as an export is.
 *
 * <p>Methods may be called from any thread; handlers run on the context on which it was made.
 */
public final class SnapshotChunks extends DemandStream<Chunk> {
    private static final int RENEWALS_IN_A_LEASE = 3;

    /** For the last message, where the Hub has answered already that there is no more. */
    private static final long LAST_MESSAGE_MS = 5_000;

    /** Between two messages over a bridge, whose Hub bounds how many a program sends. */
    private static final long BRIDGED_CREDIT_MS = 8;

    private final HubRequests requests;
    private final ReadOptions options;
    private final String address = Addresses.client(UUID.randomUUID().toString());
    private final Promise<ReadOpened> opening = Promise.promise();

    // Of the context.
    private final Deque<Chunk> waiting = new ArrayDeque<>();
    private final PieceAssembler assembler = new PieceAssembler();
    private @Nullable MessageConsumer<Object> messages;
    private @Nullable ReadOpened opened;
    private @Nullable ReadEnd end;
    private long limitBytes;
    private long chunks;
    private long bytes;

    /** Came, and was not given back to the Hub as credit. */
    private long unreturnedBytes;

    /** To be given back as credit. */
    private long owedBytes;

    /** Of the chunk that is being put together: its length, what has come, and what of that was given back already because it is longer than the credit. */
    private int partialLength;

    private long partialBytes;
    private long advancedBytes;

    private boolean bridged;
    private boolean crediting;
    private boolean renewed;
    private long timer = -1;

    SnapshotChunks(Vertx vertx, HubRequests requests, ReadOptions options) {
        super(vertx);
        this.requests = requests;
        this.options = options;
        this.limitBytes = options.creditBytes();
    }

    /** How many chunks and bytes will come; fails with what the opening fails with. */
    public Future<ReadOpened> opened() {
        return opening.future();
    }

    /** Ends it: no handler is called any more, and the Hub lets go of it at once. What was handed over stays the reader's to release. Idempotent. */
    public void close() {
        onContext(this::abandon);
    }

    @Override
    void begin() {
        listen(true);
        // By reference where the Hub is in this Vert.x; a bridge makes of it what it can carry.
        open(ReadCarrier.REFERENCE, true)
                .recover(failure -> HubRequests.isNobodyThere(failure) ? openElsewhere() : Future.failedFuture(failure))
                .onComplete(answer ->
                        onContext(() -> {
                            if (answer.succeeded()) {
                                opened(answer.result());
                            } else {
                                opening.tryFail(answer.cause());
                                fail(answer.cause());
                            }
                        }));
    }

    private Future<Void> listen(boolean here) {
        MessageConsumer<Object> consumer =
                here
                        ? vertx().eventBus().localConsumer(address, this::receive)
                        : vertx().eventBus().consumer(address, this::receive);
        messages = consumer;
        return consumer.completion();
    }

    private Future<ReadOpened> openElsewhere() {
        if (messages != null) {
            messages.unregister();
        }
        return listen(false).compose(registered -> open(ReadCarrier.PIECES, false));
    }

    private Future<ReadOpened> open(ReadCarrier carrier, boolean here) {
        List<String> sources = options.sources().stream().map(ChunkSource::label).sorted().toList();
        ReadRequest request =
                new ReadRequest(options.id(), options.nodes(), sources, address, options.creditBytes(), carrier);
        DeliveryOptions delivery =
                requests.delivery(ReadAction.OPEN.name(), requests.options().timeout()).setLocalOnly(here);
        return requests.ask(Addresses.READS, JsonMapping.toJson(request), delivery)
                .map(answer -> JsonMapping.fromJson(answer, ReadOpened.class));
    }

    private void opened(ReadOpened answer) {
        opened = answer;
        opening.tryComplete(answer);
        if (isOver()) {
            letGo(answer);
            return;
        }
        limitBytes = answer.creditBytes();
        advance();
        timer =
                vertx().setPeriodic(
                                Math.max(1, answer.leaseMs() / RENEWALS_IN_A_LEASE), tick -> onContext(this::renew));
        credit();
        deliver();
    }

    private void receive(Message<Object> message) {
        onContext(() -> {
            if (isOver()) {
                if (message.body() instanceof Chunk late) {
                    late.release();
                }
                return;
            }
            try {
                take(message);
            } catch (HindsightException broken) {
                fail(broken);
            }
        });
    }

    private void take(Message<Object> message) {
        switch (message.body()) {
            case Chunk chunk -> takeChunk(message, chunk);
            case ChunkPiece piece -> takePiece(piece);
            case Buffer part -> {
                bridged = true;
                takePiece(BufferPiece.of(message.headers(), part));
            }
            case JsonObject last -> {
                end = JsonMapping.fromJson(last, ReadEnd.class);
                checkFailure();
            }
            case null, default ->
                    throw new HindsightException(
                            ErrorCode.INTEGRITY_VIOLATED, "Something that is no chunk came in a reading.");
        }
        deliver();
    }

    private void takeChunk(Message<Object> message, Chunk chunk) {
        long number = BufferPiece.number(message.headers(), BufferPiece.CHUNK);
        if (number != chunks) {
            chunk.release();
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The chunk=" + number + " came where chunk=" + chunks + " was to come.");
        }
        boolean fits = unreturnedBytes == 0 || chunk.lengthBytes() <= limitBytes - unreturnedBytes;
        came(chunk.lengthBytes(), fits);
        waiting.add(
                new Chunk(
                        chunk.header(),
                        Arrays.asList(chunk.parts()),
                        () -> {
                            chunk.release();
                            onContext(() -> released(chunk.lengthBytes()));
                        }));
        chunks++;
    }

    private void takePiece(ChunkPiece piece) {
        int length = piece.bytes().length();
        came(length, length <= limitBytes - unreturnedBytes);
        partialLength = piece.chunkBytes();
        partialBytes += length;
        advance();
        long owed = piece.chunkBytes() - advancedBytes;
        assembler
                .add(piece, () -> onContext(() -> released(owed)))
                .ifPresent(whole -> {
                    waiting.add(whole);
                    chunks++;
                    partialLength = 0;
                    partialBytes = 0;
                    advancedBytes = 0;
                });
        credit();
    }

    /** Of a chunk that is longer than the credit, what is too much is given back while it comes. */
    private void advance() {
        long due = Math.min(partialBytes, partialLength - limitBytes);
        if (due > advancedBytes) {
            owedBytes += due - advancedBytes;
            advancedBytes = due;
        }
    }

    private void came(long length, boolean fits) {
        if (!fits) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "More came than there was credit for: bytes="
                            + (unreturnedBytes + length)
                            + " limit="
                            + limitBytes
                            + "; a message came twice, or is not this reading's.");
        }
        bytes += length;
        unreturnedBytes += length;
    }

    private void released(long length) {
        owedBytes += length;
        credit();
    }

    private void renew() {
        if (!renewed) {
            sendCredit();
        }
        renewed = false;
    }

    private void credit() {
        if (owedBytes > 0) {
            sendCredit();
        }
    }

    /** One at a time: what is released meanwhile goes with the next. */
    private void sendCredit() {
        ReadOpened reading = opened;
        if (crediting || reading == null || end != null || isOver()) {
            return;
        }
        crediting = true;
        renewed = true;
        long given = owedBytes;
        owedBytes = 0;
        unreturnedBytes -= given;
        JsonObject body = JsonMapping.toJson(new ReadCredit(reading.readId(), given));
        requests.ask(Addresses.READS, ReadAction.CREDIT.name(), body)
                .onComplete(answer ->
                        onContext(() -> {
                            if (answer.succeeded()) {
                                credited();
                            } else {
                                notCredited(answer.cause());
                            }
                        }));
    }

    /** Where the reading has ended, its last message may still be on its way: in a cluster answers overtake it. */
    private void notCredited(Throwable failure) {
        if (failure instanceof HindsightException known && known.code() == ErrorCode.NOT_FOUND) {
            vertx().setTimer(LAST_MESSAGE_MS, late -> onContext(() -> failUnlessEnded(failure)));
        } else {
            failUnlessEnded(failure);
        }
    }

    private void failUnlessEnded(Throwable failure) {
        if (end == null) {
            fail(failure);
        }
    }

    private void credited() {
        if (bridged) {
            vertx().setTimer(BRIDGED_CREDIT_MS, due -> onContext(this::creditAgain));
        } else {
            creditAgain();
        }
    }

    private void creditAgain() {
        crediting = false;
        credit();
    }

    private void checkFailure() {
        ReadEnd last = end;
        if (last != null && last.failure() != null) {
            fail(new HindsightException(code(last.failureCode()), last.failure()));
        }
    }

    private static ErrorCode code(@Nullable String name) {
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElse(ErrorCode.INTERNAL);
    }

    @Override
    @Nullable Chunk next() {
        return waiting.poll();
    }

    /** Where all has come; what is missing is a failure. */
    @Override
    boolean isExhausted() {
        ReadEnd last = end;
        ReadOpened promised = opened;
        if (last == null || promised == null || !waiting.isEmpty()) {
            return false;
        }
        boolean whole =
                last.chunks() == chunks
                        && last.bytes() == bytes
                        && promised.chunks() == chunks
                        && promised.bytes() == bytes;
        if (!whole) {
            fail(
                    new HindsightException(
                            ErrorCode.INTEGRITY_VIOLATED,
                            "The Hub sent chunks=%d bytes=%d of chunks=%d bytes=%d, and chunks=%d bytes=%d came: messages were lost."
                                    .formatted(
                                            last.chunks(),
                                            last.bytes(),
                                            promised.chunks(),
                                            promised.bytes(),
                                            chunks,
                                            bytes)));
        }
        return whole;
    }

    @Override
    void release() {
        opening.tryFail(new HindsightException(ErrorCode.CANCELLED, "The reader was closed."));
        if (timer >= 0) {
            vertx().cancelTimer(timer);
        }
        if (messages != null) {
            messages.unregister();
        }
        waiting.forEach(Chunk::release);
        waiting.clear();
        ReadOpened reading = opened;
        if (reading != null && end == null) {
            letGo(reading);
        }
    }

    /** Where it does not come there, the lease ends it. */
    private void letGo(ReadOpened reading) {
        JsonObject body = JsonMapping.toJson(new ReadClose(reading.readId()));
        vertx().eventBus()
                .send(Addresses.READS, body, requests.delivery(ReadAction.CLOSE.name(), requests.options().timeout()));
    }
}
