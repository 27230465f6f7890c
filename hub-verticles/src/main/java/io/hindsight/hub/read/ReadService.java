package io.hindsight.hub.read;

import io.hindsight.api.Snapshot;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusCodecs;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.ReadCarrier;
import io.hindsight.bus.ReadClose;
import io.hindsight.bus.ReadCredit;
import io.hindsight.bus.ReadOpened;
import io.hindsight.bus.ReadRequest;
import io.hindsight.bus.ReadStatus;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.lane.LaneMemory;
import io.hindsight.hub.snapshot.Requester;
import io.hindsight.hub.store.SnapshotStore;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@link Addresses#READS}: sends the chunks of sealed snapshots to programs on the bus, each as fast as its credit says. Files are read on the workers {@value
 * #POOL_NAME} alone. One context: that on which {@link #start()} was called.
 */
public final class ReadService {
    /** What reading takes, whoever carries the request here: it gives out what an export does. */
    public static final Permission PERMISSION = Permission.EXPORT;

    static final String POOL_NAME = "hindsight-read";

    private static final Logger LOG = LoggerFactory.getLogger(ReadService.class);
    private static final int WORKERS = 2;
    private static final long MAX_EXECUTE_MINUTES = 10;
    private static final long CHECK_MS = 250;
    private static final long LOOK_UP_MS = 10_000;

    private final Vertx vertx;
    private final SnapshotStore store;
    private final CustodyLog custody;
    private final ReadLimits limits;
    private final LongSupplier nanoClock;
    private final LaneMemory memory;
    private final WorkerExecutor workers;
    private final Owner owner = new Owner();
    private final Map<String, Reading> readings = new LinkedHashMap<>();

    /** Of readings that have ended, and whose files are still mapped. */
    private final Set<ReadPages> lingering = new HashSet<>();

    private @Nullable Context context;
    private int opening;
    private boolean stopped;
    private long sentChunks;
    private long sentBytes;
    private long expired;

    /** Nothing happens before {@link #start()}; {@code nanoClock} as {@link System#nanoTime()}. */
    public ReadService(
            Vertx vertx, SnapshotStore store, CustodyLog custody, ReadLimits limits, LongSupplier nanoClock) {
        this.vertx = vertx;
        this.store = store;
        this.custody = custody;
        this.limits = limits;
        this.nanoClock = nanoClock;
        this.memory = new LaneMemory(limits.copyBytes());
        this.workers = vertx.createSharedWorkerExecutor(POOL_NAME, WORKERS, MAX_EXECUTE_MINUTES, TimeUnit.MINUTES);
    }

    /** Listens. */
    public void start() {
        context = vertx.getOrCreateContext();
        BusCodecs.register(vertx.eventBus());
        vertx.eventBus().<JsonObject>consumer(Addresses.READS, this::answer);
        vertx.setPeriodic(CHECK_MS, timer -> check());
    }

    /** Ends every reading, with NOT_READY; the readers are told. */
    public void stop() {
        stopped = true;
        HindsightException stopping = new HindsightException(ErrorCode.NOT_READY, "The Hub stops.");
        List.copyOf(readings.values()).forEach(reading -> reading.end(stopping));
        workers.close();
    }

    /** What a reading needs of this. */
    private final class Owner implements Reading.Owner {
        @Override
        public <T> Future<T> onWorker(Callable<T> work) {
            return ReadService.this.onWorker(work);
        }

        @Override
        public Future<Void> send(String address, Object body, DeliveryOptions options) {
            return vertx.eventBus().sender(address, options).write(body);
        }

        @Override
        public LaneMemory memory() {
            return memory;
        }

        @Override
        public long nowNs() {
            return nanoClock.getAsLong();
        }

        @Override
        public void sent(long messageBytes, boolean endsChunk) {
            sentBytes += messageBytes;
            sentChunks += endsChunk ? 1 : 0;
        }

        @Override
        public void ended(Reading reading, @Nullable HindsightException failure) {
            readings.remove(reading.id());
            lingering.add(reading.pages());
            if (failure == null) {
                LOG.info("snapshot={} reading={} was read", reading.snapshot(), reading.id());
            } else {
                LOG.info(
                        "snapshot={} reading={} ended early: {}",
                        reading.snapshot(),
                        reading.id(),
                        failure.getMessage());
            }
        }
    }

    private <T> Future<T> onWorker(Callable<T> work) {
        try {
            return workers.executeBlocking(work, false);
        } catch (RejectedExecutionException closing) {
            return Future.failedFuture(
                    new HindsightException(ErrorCode.NOT_READY, "The Hub is stopping: nothing more is read.", closing));
        }
    }

    private void answer(Message<JsonObject> message) {
        Future<JsonObject> answer;
        try {
            answer = perform(message);
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        answer.onSuccess(message::reply)
                .onFailure(failure -> {
                    if (BusFailures.asHindsight(failure).code() == ErrorCode.INTERNAL) {
                        LOG.error("A request about readings failed.", failure);
                    }
                    BusFailures.fail(message, failure);
                });
    }

    private Future<JsonObject> perform(Message<JsonObject> message) {
        JsonObject body = Objects.requireNonNullElseGet(message.body(), JsonObject::new);
        return switch (action(message)) {
            case OPEN -> open(JsonMapping.fromJson(body, ReadRequest.class), Requester.of(message));
            case CREDIT -> {
                ReadCredit credit = JsonMapping.fromJson(body, ReadCredit.class);
                reading(credit.readId()).credit(credit.creditBytes());
                yield Future.succeededFuture(new JsonObject());
            }
            case CLOSE -> {
                close(JsonMapping.fromJson(body, ReadClose.class).readId());
                yield Future.succeededFuture(new JsonObject());
            }
            case STATUS -> Future.succeededFuture(JsonMapping.toJson(status()));
        };
    }

    private static ReadAction action(Message<JsonObject> message) {
        String action = String.valueOf(message.headers().get(Addresses.ACTION_HEADER));
        for (ReadAction known : ReadAction.values()) {
            if (known.name().equals(action)) {
                return known;
            }
        }
        throw HindsightException.ofField(
                ErrorCode.INVALID_REQUEST, Addresses.ACTION_HEADER, "Unknown action=" + action + ".");
    }

    private Reading reading(String id) {
        Reading reading = readings.get(id);
        if (reading == null) {
            throw HindsightException.ofField(
                    ErrorCode.NOT_FOUND,
                    "readId",
                    "There is no such reading: it has ended, or nothing was heard of its reader for too long.");
        }
        return reading;
    }

    private void close(String id) {
        Reading reading = readings.get(id);
        if (reading != null) {
            reading.end(new HindsightException(ErrorCode.CANCELLED, "The reader wants no more."));
        }
    }

    private Future<JsonObject> open(ReadRequest request, Requester requester) {
        request.check();
        requirePlace();
        opening++;
        return sealed(request.id())
                .compose(known -> onWorker(() -> ReadFiles.open(store.folder(request.id()), request)))
                .compose(files -> recorded(files, request, requester))
                .onComplete(done -> opening--);
    }

    private void requirePlace() {
        boolean full = readings.size() + opening >= limits.maxReaders();
        if (full || lingering.size() >= limits.maxReaders()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "limit="
                            + limits.maxReaders()
                            + (full
                                    ? " readings are under way; try again later."
                                    : " readings have ended whose readers in this process keep chunks: release them."));
        }
    }

    /** Fails where the snapshot is not one that can be read. */
    private Future<Snapshot> sealed(String id) {
        DeliveryOptions options =
                new DeliveryOptions()
                        .setLocalOnly(true)
                        .setSendTimeout(LOOK_UP_MS)
                        .addHeader(Addresses.ACTION_HEADER, SnapshotAction.GET.name());
        return vertx.eventBus()
                .<JsonObject>request(Addresses.SNAPSHOTS, new JsonObject().put("id", id), options)
                .map(answer -> JsonMapping.fromJson(answer.body(), Snapshot.class))
                .map(snapshot -> {
                    if (!snapshot.state().sealed()) {
                        throw new HindsightException(
                                ErrorCode.WRONG_STATE,
                                "A snapshot can be read once it is sealed; this one has state="
                                        + snapshot.state()
                                        + ".");
                    }
                    return snapshot;
                });
    }

    /** Nothing is given out before the custody log says that it is going to be. */
    private Future<JsonObject> recorded(ReadFiles files, ReadRequest request, Requester requester) {
        ReadCustody record = new ReadCustody(custody, requester, files.manifest());
        return record.begin(request).map(begun -> begin(files, request, record)).onFailure(refused -> unmap(files));
    }

    private void unmap(ReadFiles files) {
        onWorker(
                        () -> {
                            files.mapped().close();
                            return null;
                        })
                .onFailure(stopping -> files.mapped().close());
    }

    private JsonObject begin(ReadFiles files, ReadRequest request, ReadCustody record) {
        if (stopped) {
            throw new HindsightException(ErrorCode.NOT_READY, "The Hub stops.");
        }
        Context home = Objects.requireNonNull(context);
        String id = UUID.randomUUID().toString();
        long creditBytes = Math.min(request.creditBytes(), maxCredit(request.carrier()));
        ReadPages pages = new ReadPages(unused -> home.runOnContext(now -> unmapped(unused, files)));
        Reading reading = new Reading(id, request, files, pages, record, creditBytes, home, owner);
        readings.put(id, reading);
        LOG.info("snapshot={} reading={} begins, carrier={}", reading.snapshot(), id, request.carrier());
        // Behind the answer.
        home.runOnContext(next -> reading.pump());
        return JsonMapping.toJson(
                new ReadOpened(id, files.bytes(), files.chunks(), limits.lease().toMillis(), creditBytes));
    }

    private long maxCredit(ReadCarrier carrier) {
        return carrier == ReadCarrier.BUFFERS ? limits.maxBridgedCreditBytes() : limits.maxCreditBytes();
    }

    private void unmapped(ReadPages pages, ReadFiles files) {
        lingering.remove(pages);
        unmap(files);
    }

    private void check() {
        long leaseNs = limits.lease().toNanos();
        for (Reading reading : new ArrayList<>(readings.values())) {
            reading.pages().collect();
            if (reading.expire(leaseNs)) {
                expired++;
            }
        }
        List.copyOf(lingering).forEach(ReadPages::collect);
    }

    private ReadStatus status() {
        return new ReadStatus(readings.size(), lingering.size(), sentChunks, sentBytes, expired, memory.usedBytes());
    }
}
