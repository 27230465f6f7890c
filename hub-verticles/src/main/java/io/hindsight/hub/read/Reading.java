package io.hindsight.hub.read;

import io.hindsight.bus.ReadCarrier;
import io.hindsight.bus.ReadEnd;
import io.hindsight.bus.ReadRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.json.JsonMapping;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader's chunks on their way: a worker makes the next message ready once there is credit for it, and where it is a copy, room; the context sends it. One step of one
 * reading is with the workers at a time, so readers take turns. All fields belong to the context.
 */
final class Reading {
    /** Pieces that are being written to another process; the first one goes alone, and finds the way. */
    static final int MAX_WRITES = 4;

    private static final Logger LOG = LoggerFactory.getLogger(Reading.class);

    private final String id;
    private final ReadRequest request;
    private final ReadFiles files;
    private final ReadPages pages;
    private final ReadCustody custody;
    private final Owner owner;
    private final Context context;
    private final Parcel.Source parcels;
    private final long limitBytes;

    /** Bytes of a copy; 0: nothing is copied. */
    private final long copyBytes;

    private LaneMemory.@Nullable Room room;
    private long creditBytes;

    /** The next message takes so much; 0: not known. */
    private long neededBytes;

    private boolean preparing;
    private boolean written;
    private int writes;
    private boolean exhausted;
    private boolean ended;
    private long chunks;
    private long bytes;
    private long lastHeardNs;

    /** When a message was last on its way, or the first of those that are was sent. */
    private long lastTakenNs;

    /** The service, as a reading sees it. */
    interface Owner {
        /** Fails with NOT_READY where the workers have stopped. */
        <T> Future<T> onWorker(Callable<T> work);

        /** Sends to the reader; the future is the message's, not the reader's. */
        Future<Void> send(String address, Object body, DeliveryOptions options);

        /** For copies. */
        LaneMemory memory();

        long nowNs();

        void sent(long messageBytes, boolean endsChunk);

        void ended(Reading reading, @Nullable HindsightException failure);
    }

    Reading(
            String id,
            ReadRequest request,
            ReadFiles files,
            ReadPages pages,
            ReadCustody custody,
            long limitBytes,
            Context context,
            Owner owner) {
        this.id = id;
        this.request = request;
        this.files = files;
        this.pages = pages;
        this.custody = custody;
        this.owner = owner;
        this.context = context;
        this.limitBytes = limitBytes;
        this.creditBytes = limitBytes;
        this.lastHeardNs = owner.nowNs();
        ReadCursor cursor = new ReadCursor(files.mapped(), files.sources());
        if (request.carrier() == ReadCarrier.REFERENCE) {
            this.parcels = new ReferenceParcels(cursor, pages);
            this.copyBytes = 0;
        } else {
            PieceParcels pieces =
                    request.carrier() == ReadCarrier.PIECES
                            ? PieceParcels.pieces(cursor, limitBytes)
                            : PieceParcels.buffers(cursor, limitBytes);
            this.parcels = pieces;
            this.copyBytes = pieces.maxBytes();
        }
    }

    String id() {
        return id;
    }

    String snapshot() {
        return files.manifest().id();
    }

    ReadPages pages() {
        return pages;
    }

    /**
     * The reader has consumed so much, and is there.
     *
     * @throws HindsightException INVALID_REQUEST where that is more than was sent
     */
    void credit(long consumedBytes) {
        if (consumedBytes < 0 || consumedBytes > limitBytes - creditBytes) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "creditBytes",
                    "creditBytes="
                            + consumedBytes
                            + " were given back, but "
                            + (limitBytes - creditBytes)
                            + " are under way.");
        }
        creditBytes += consumedBytes;
        lastHeardNs = owner.nowNs();
        pump();
    }

    /** Sends what may be sent. */
    void pump() {
        if (ended || preparing || exhausted || writes >= (written ? MAX_WRITES : 1) || !hasCredit() || !hasRoom()) {
            return;
        }
        preparing = true;
        long credit = creditBytes;
        boolean nothingUnderWay = creditBytes == limitBytes;
        owner.onWorker(() -> parcels.take(credit, nothingUnderWay))
                .onComplete(taken -> context.runOnContext(next -> taken(taken)));
    }

    private boolean hasCredit() {
        return creditBytes == limitBytes || creditBytes >= Math.max(1, neededBytes);
    }

    private boolean hasRoom() {
        if (copyBytes == 0) {
            return true;
        }
        LaneMemory.Room claimed = room;
        if (claimed == null) {
            claimed = owner.memory().claim(copyBytes, () -> context.runOnContext(granted -> pump()));
            room = claimed;
        }
        return claimed.isHeld();
    }

    private void taken(AsyncResult<Parcel> taken) {
        preparing = false;
        if (ended) {
            discard(taken.result());
            giveRoomBack();
            pages.retire();
            return;
        }
        switch (taken.result()) {
            case null -> end(known(taken.cause()));
            case Parcel.None none -> {
                exhausted = true;
                giveRoomBack();
                endIfSent();
            }
            case Parcel.Waits waits -> {
                neededBytes = waits.bytes();
                giveRoomBack();
                pump();
            }
            case Parcel.Ready parcel -> {
                neededBytes = 0;
                send(parcel);
                pump();
            }
        }
    }

    /** Nobody has seen it. */
    private static void discard(@Nullable Parcel parcel) {
        if (parcel instanceof Parcel.Ready ready && ready.body() instanceof Chunk chunk) {
            chunk.release();
        }
    }

    private static HindsightException known(Throwable cause) {
        return cause instanceof HindsightException known
                ? known
                : new HindsightException(ErrorCode.INTERNAL, "Reading failed: " + cause, cause);
    }

    private void giveRoomBack() {
        LaneMemory.Room held = room;
        room = null;
        if (held != null) {
            held.giveBack();
        }
    }

    private void send(Parcel.Ready parcel) {
        LaneMemory.Room held = room;
        room = null;
        creditBytes -= parcel.bytes();
        if (writes == 0) {
            lastTakenNs = owner.nowNs();
        }
        writes++;
        owner.send(request.address(), parcel.body(), parcel.options())
                .onComplete(sent ->
                        context.runOnContext(done -> {
                            writes--;
                            written = true;
                            lastTakenNs = owner.nowNs();
                            if (held != null) {
                                held.giveBack();
                            }
                            if (sent.failed()) {
                                discard(parcel);
                                end(vanished(sent.cause()));
                            } else {
                                sent(parcel);
                            }
                        }));
    }

    private void sent(Parcel.Ready parcel) {
        bytes += parcel.bytes();
        chunks += parcel.endsChunk() ? 1 : 0;
        owner.sent(parcel.bytes(), parcel.endsChunk());
        pump();
        endIfSent();
    }

    private HindsightException vanished(Throwable cause) {
        return new HindsightException(
                ErrorCode.CANCELLED,
                "The reader at address=" + request.address() + " takes nothing any more: " + cause.getMessage());
    }

    private void endIfSent() {
        if (exhausted && writes == 0) {
            end(null);
        }
    }

    /** Ends it where nothing was heard of the reader for so long, or what carries messages to it took none. */
    boolean expire(long leaseNs) {
        long nowNs = owner.nowNs();
        if (nowNs - lastHeardNs > leaseNs) {
            end(late("Nothing was heard of the reader", leaseNs));
        } else if (writes > 0 && nowNs - lastTakenNs > leaseNs) {
            end(late("The way to the reader took no message", leaseNs));
        }
        return ended;
    }

    private static HindsightException late(String what, long leaseNs) {
        return new HindsightException(
                ErrorCode.TIMED_OUT, what + " for lease=" + leaseNs / 1_000_000 + " ms; the reading ends.");
    }

    /** Ends it; null: all was sent. Idempotent. */
    void end(@Nullable HindsightException failure) {
        if (ended) {
            return;
        }
        ended = true;
        HindsightException why = failure == null ? shortfall() : failure;
        tell(why);
        custody.end(bytes, why)
                .onFailure(lost ->
                        LOG.error(
                                "snapshot={}: the end of a reading is not recorded: {}",
                                snapshot(),
                                lost.getMessage()));
        owner.ended(this, why);
        if (!preparing) {
            giveRoomBack();
            pages.retire();
        }
    }

    /** What the files hold against what was promised of them. */
    private @Nullable HindsightException shortfall() {
        return chunks == files.chunks() && bytes == files.bytes()
                ? null
                : new HindsightException(
                        ErrorCode.INTEGRITY_VIOLATED,
                        "The data files hold chunks=%d bytes=%d, the manifest says chunks=%d bytes=%d."
                                .formatted(chunks, bytes, files.chunks(), files.bytes()));
    }

    private void tell(@Nullable HindsightException failure) {
        ReadEnd end =
                failure == null
                        ? new ReadEnd(id, chunks, bytes, null, null)
                        : new ReadEnd(id, chunks, bytes, failure.getMessage(), failure.code().name());
        DeliveryOptions options = new DeliveryOptions().setLocalOnly(request.carrier() != ReadCarrier.PIECES);
        owner.send(request.address(), JsonMapping.toJson(end), options)
                .onFailure(gone -> LOG.debug("snapshot={}: the reader has gone: {}", snapshot(), gone.getMessage()));
    }
}
