package io.hindsight.hub.snapshot;

import io.hindsight.chunk.NodeId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a batch on their way, wave after wave ({@link BatchWaves}). In a wave they are planned in the order of their windows, a few at once, and what the
 * oldest want is pinned first; when all are planned, one {@link SharedFeed} for each node brings what they want. The service's context only.
 */
final class BatchRun {
    /** Sessions of a batch that are being planned at once: the rings' agents answer them in turn. */
    static final int MAX_PLANNING = 16;

    private final HubResources hub;
    private final String id;
    private final StreamSlots slots;
    private final Consumer<SnapshotSession> begin;
    private final Map<String, SnapshotSession> sessions = new HashMap<>();
    private final Map<String, Map<NodeId, SharedFeed>> feeds = new HashMap<>();
    private final Queue<List<SnapshotOrder>> waves;
    private final Promise<Void> firstBegun = Promise.promise();
    private final Promise<Void> ended = Promise.promise();
    private boolean stopped;

    /**
     * @param number tells its streams from those of an earlier Hub's run of the same batch
     * @param begin starts a session
     */
    BatchRun(
            HubResources hub,
            String id,
            int number,
            List<SnapshotOrder> orders,
            StreamSlots slots,
            int maxStreams,
            Consumer<SnapshotSession> begin) {
        this.hub = hub;
        this.id = id;
        this.slots = slots;
        this.begin = begin;
        List<List<SnapshotOrder>> all = BatchWaves.of(orders, maxStreams);
        this.waves = new ArrayDeque<>(all);
        for (int wave = 0; wave < all.size(); wave++) {
            prepare(all.get(wave), id + "-" + number + "-" + (wave + 1));
        }
    }

    private void prepare(List<SnapshotOrder> wave, String streamId) {
        Map<NodeId, SharedFeed> ofWave = new HashMap<>();
        for (SnapshotOrder order : wave) {
            order.nodes().forEach(node -> ofWave.computeIfAbsent(node, each -> new SharedFeed(hub, streamId, each)));
            feeds.put(order.id(), ofWave);
        }
    }

    /** What a session's streams are shares of. */
    Function<NodeId, @Nullable SharedFeed> feedsOf(SnapshotOrder order) {
        Map<NodeId, SharedFeed> ofWave = feeds.getOrDefault(order.id(), Map.of());
        return ofWave::get;
    }

    void add(SnapshotSession session) {
        sessions.put(session.order().id(), session);
    }

    Collection<SnapshotSession> sessions() {
        return List.copyOf(sessions.values());
    }

    /** All of the first wave stream, or have ended. */
    Future<Void> firstBegun() {
        return firstBegun.future();
    }

    /** Every snapshot has ended. */
    Future<Void> ended() {
        return ended.future();
    }

    /** Begins nothing more. */
    void stop() {
        stopped = true;
    }

    void start() {
        nextWave();
    }

    private void nextWave() {
        List<SnapshotOrder> wave = waves.poll();
        if (wave == null) {
            firstBegun.tryComplete();
            ended.tryComplete();
            return;
        }
        int streams = BatchWaves.streams(wave);
        slots.take(
                streams,
                () ->
                        run(wave.stream().map(order -> sessions.get(order.id())).toList())
                                .onComplete(over -> {
                                    slots.giveBack(streams);
                                    nextWave();
                                }));
    }

    /** Completes when all of them have ended; never fails. */
    private Future<?> run(List<SnapshotSession> wave) {
        Queue<SnapshotSession> toBegin = new ArrayDeque<>(wave);
        for (int i = 0; i < MAX_PLANNING; i++) {
            beginNext(toBegin);
        }
        Future.join(wave.stream().map(SnapshotSession::begun).toList())
                .onComplete(begun -> {
                    startFeeds(wave.getFirst());
                    firstBegun.tryComplete();
                });
        return Future.join(wave.stream().map(SnapshotSession::closed).toList());
    }

    private void beginNext(Queue<SnapshotSession> toBegin) {
        SnapshotSession session = toBegin.poll();
        if (session == null || stopped) {
            return;
        }
        begin.accept(session);
        session.begun().onComplete(begun -> hub.vertx().runOnContext(next -> beginNext(toBegin)));
    }

    private void startFeeds(SnapshotSession ofWave) {
        Map<NodeId, SharedFeed> toStart = feeds.getOrDefault(ofWave.order().id(), Map.of());
        toStart.values().forEach(SharedFeed::start);
    }

    @Override
    public String toString() {
        return "batch=" + id;
    }
}
