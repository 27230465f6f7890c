package io.hindsight.hub.capture;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CaptureAction;
import io.hindsight.bus.ListeningAt;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.nodes.NodeRegistry;
import io.hindsight.hub.snapshot.EventThrottle;
import io.hindsight.hub.snapshot.Requester;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@link Addresses#CAPTURE}, to this process alone: what the nodes record, and a change of it. One change after the other; each is in the custody log before it
 * is made, on disk before it is told to anybody, and told to every node from then on. One context.
 */
public final class CaptureService {
    /** Header of {@link CaptureAction#SET}: as HTTP's {@code If-Match}. */
    public static final String IF_MATCH = "if-match";

    /** Changes that wait for each other, that which is under way included. */
    static final int MAX_CHANGES = 8;

    /** An event of all nodes is large: one a second is enough for readers. */
    private static final int EVENT_PARTS = 500;

    private static final Logger LOG = LoggerFactory.getLogger(CaptureService.class);
    private static final Requester CONFIGURATION = new Requester(StoredPolicy.BY_CONFIGURATION, null);

    private final Vertx vertx;
    private final CustodyLog custody;
    private final NodeRegistry nodes;
    private final CapturePolicy configured;
    private final PolicyFile file;
    private final InstantSource clock;
    private @Nullable Current current;
    private Future<?> lastChange = Future.succeededFuture();
    private int changes;

    /** What is there once it has started. */
    private static final class Current {
        private StoredPolicy stored;
        private final CaptureOrders orders;
        private final EventThrottle events;

        Current(StoredPolicy stored, CaptureOrders orders, EventThrottle events) {
            this.stored = stored;
            this.orders = orders;
            this.events = events;
        }

        CaptureState state() {
            return stored.state();
        }
    }

    /** What a start found, and makes of it. */
    private record Beginning(Optional<StoredPolicy> found, StoredPolicy now, @Nullable HindsightException broken) {}

    /** Nothing happens before {@link #start()}. */
    public CaptureService(Vertx vertx, CustodyLog custody, NodeRegistry nodes, HubConfig config, InstantSource clock) {
        this.vertx = vertx;
        this.custody = custody;
        this.nodes = nodes;
        this.configured = config.cluster().capture();
        this.file = new PolicyFile(config.snapshotDirectory());
        this.clock = clock;
    }

    /** Listens, and tells nodes; fails with INVALID_CONFIGURATION where the settings cannot be used. */
    public Future<Void> start() {
        return vertx.executeBlocking(this::begin).compose(this::begun);
    }

    /** On a worker. */
    private Beginning begin() {
        CapturePolicy settings = CaptureRules.ofSettings(configured);
        Optional<StoredPolicy> found = Optional.empty();
        HindsightException broken = null;
        try {
            found = file.read();
        } catch (HindsightException e) {
            broken = e;
        }
        StoredPolicy now =
                broken != null
                        ? StoredPolicy.ofSettings(unheardOfRevision(), settings, clock.instant())
                        : found.map(stored -> stored.startedWith(settings, clock.instant()))
                                .orElseGet(() -> StoredPolicy.ofSettings(1, settings, clock.instant()));
        Beginning beginning = new Beginning(found, now, broken);
        keep(beginning);
        return beginning;
    }

    /** Agents may follow any revision that is not known here any more: seconds since 1970 are beyond all of them. */
    private long unheardOfRevision() {
        return Math.max(1, clock.instant().getEpochSecond());
    }

    /** A Hub starts where this fails: what it cannot write now, it works out in the same way at the next start. */
    private void keep(Beginning beginning) {
        try {
            if (beginning.broken() != null) {
                LOG.error(
                        "{} What the nodes record is what the settings say, revision={}; changes made through the API are forgotten.",
                        beginning.broken().getMessage(),
                        beginning.now().state().revision());
                LOG.error("It is kept as {}.", file.setAside());
            }
            if (!beginning.found().equals(Optional.of(beginning.now()))) {
                file.put(beginning.now());
            }
        } catch (HindsightException e) {
            LOG.error("What the nodes record is not remembered over a restart: {}", e.getMessage());
        }
    }

    private Future<Void> begun(Beginning beginning) {
        CaptureState state = beginning.now().state();
        EventThrottle events = new EventThrottle(vertx, System::nanoTime, EVENT_PARTS, this::publish);
        CaptureOrders orders =
                new CaptureOrders(vertx, CaptureTimings.DEFAULTS, state, nodes::isReachable, events::changed);
        current = new Current(beginning.now(), orders, events);
        nodes.listen(orders);
        vertx.eventBus().<JsonObject>localConsumer(Addresses.CAPTURE, this::answer);
        LOG.info("Nodes record {} revision={} by={}", state.policy(), state.revision(), state.changedBy());
        return record(beginning);
    }

    /** The log tells of a start only where it changes something. */
    private Future<Void> record(Beginning beginning) {
        CaptureState now = beginning.now().state();
        if (beginning.broken() != null) {
            return custody.note(CaptureCustody.forgotten(CONFIGURATION, now, beginning.broken()));
        }
        CaptureState before =
                beginning
                        .found()
                        .map(StoredPolicy::state)
                        .orElseGet(() ->
                                new CaptureState(
                                        0, CapturePolicy.EVERYTHING, StoredPolicy.BY_CONFIGURATION, clock.instant()));
        return before.policy().equals(now.policy())
                ? Future.succeededFuture()
                : custody.note(CaptureCustody.changed(CONFIGURATION, CustodyOutcome.DONE, before, now, null));
    }

    private Current current() {
        return Objects.requireNonNull(current, "started");
    }

    private void answer(Message<JsonObject> message) {
        Future<CaptureOverview> answer;
        try {
            answer =
                    switch (action(message)) {
                        case GET -> Future.succeededFuture(overview());
                        case SET -> set(message);
                        case LISTENING -> listening(JsonMapping.fromJson(message.body(), ListeningAt.class));
                    };
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        answer.onSuccess(overview -> message.reply(JsonMapping.toJson(overview)))
                .onFailure(failure -> BusFailures.fail(message, failure));
    }

    private static CaptureAction action(Message<?> message) {
        String name = String.valueOf(message.headers().get(Addresses.ACTION_HEADER));
        return Arrays.stream(CaptureAction.values())
                .filter(action -> action.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        HindsightException.ofField(
                                ErrorCode.INVALID_REQUEST, Addresses.ACTION_HEADER, "Unknown action=" + name + "."));
    }

    private CaptureOverview overview() {
        CaptureState state = current().state();
        return new CaptureOverview(
                state.revision(), state.policy(), state.changedBy(), state.changedAt(), current().orders.nodes());
    }

    private void publish() {
        vertx.eventBus()
                .publish(
                        Addresses.EVENTS,
                        new JsonObject().put("type", "capture").put("capture", JsonMapping.toJson(overview())));
    }

    /** Names are looked up, and interfaces listed, on a worker. */
    private Future<CaptureOverview> listening(ListeningAt at) {
        return vertx.executeBlocking(() -> OwnAddresses.of(at))
                .onSuccess(own -> {
                    LOG.info("Agents leave out traffic with {}", own);
                    current().orders.own(own);
                })
                .onFailure(failure ->
                        LOG.warn("Traffic with this Hub is not left out: host={}: {}", at.host(), failure.getMessage()))
                .map(done -> overview());
    }

    private Future<CaptureOverview> set(Message<JsonObject> message) {
        CapturePolicy asked = JsonMapping.fromJson(message.body(), CapturePolicy.class);
        String ifMatch = message.headers().get(IF_MATCH);
        Requester requester = Requester.of(message);
        if (changes >= MAX_CHANGES) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "So many changes of what is captured wait already: limit=" + MAX_CHANGES + ".");
        }
        changes++;
        Future<CaptureOverview> change =
                lastChange.transform(before -> change(asked, ifMatch, requester)).onComplete(ended -> changes--);
        lastChange = change;
        return change;
    }

    private Future<CaptureOverview> change(CapturePolicy asked, @Nullable String ifMatch, Requester requester) {
        return checked(asked, ifMatch)
                .recover(failure -> {
                    HindsightException refused = BusFailures.asHindsight(failure);
                    return custody.note(CaptureCustody.refused(requester, asked, refused))
                            .transform(noted -> Future.failedFuture(refused));
                })
                .compose(policy ->
                        policy.equals(current().state().policy())
                                ? Future.succeededFuture()
                                : putInForce(policy, requester))
                .map(done -> overview());
    }

    private Future<CapturePolicy> checked(CapturePolicy asked, @Nullable String ifMatch) {
        long revision = current().state().revision();
        if (ifMatch != null && !matches(ifMatch, revision)) {
            return Future.failedFuture(
                    HindsightException.ofField(
                            ErrorCode.WRONG_STATE,
                            "If-Match",
                            "Somebody has changed what is captured meanwhile: revision="
                                    + revision
                                    + " is in force, by "
                                    + current().state().changedBy()
                                    + ". Look at it, and set it again."));
        }
        return vertx.executeBlocking(() -> CaptureRules.compiled(asked), false);
    }

    private static boolean matches(String ifMatch, long revision) {
        return Arrays.stream(ifMatch.split(","))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals("\"" + revision + "\""));
    }

    private Future<Void> putInForce(CapturePolicy policy, Requester requester) {
        CaptureState before = current().state();
        CaptureState next = new CaptureState(before.revision() + 1, policy, requester.who(), clock.instant());
        StoredPolicy stored = new StoredPolicy(next, current().stored.settings());
        return custody.append(CaptureCustody.changed(requester, CustodyOutcome.BEGUN, before, next, null))
                .compose(begun -> write(stored))
                .onSuccess(written -> inForce(stored))
                .onFailure(failure -> LOG.error("What the nodes record is not changed: {}", failure.getMessage()))
                .compose(
                        written ->
                                custody.note(
                                        CaptureCustody.changed(requester, CustodyOutcome.DONE, before, next, null)),
                        failure -> failed(requester, before, next, BusFailures.asHindsight(failure)));
    }

    private Future<Void> write(StoredPolicy stored) {
        return vertx.executeBlocking(
                () -> {
                    file.put(stored);
                    return null;
                },
                false);
    }

    private Future<Void> failed(Requester requester, CaptureState before, CaptureState next, HindsightException why) {
        return custody.note(CaptureCustody.changed(requester, CustodyOutcome.FAILED, before, next, why.code().name()))
                .transform(noted -> Future.failedFuture(why));
    }

    private void inForce(StoredPolicy stored) {
        CaptureState state = stored.state();
        current().stored = stored;
        LOG.info("Nodes record {} revision={} by={}", state.policy(), state.revision(), state.changedBy());
        current().orders.changed(state);
        current().events.changed();
    }
}
