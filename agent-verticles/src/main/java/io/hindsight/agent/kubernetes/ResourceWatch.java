package io.hindsight.agent.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.hindsight.agent.kubernetes.ApiServer.Answer;
import io.hindsight.agent.kubernetes.ApiServer.Call;
import io.hindsight.agent.kubernetes.ApiServer.WatchListener;
import io.hindsight.event.KubernetesChange.Kind;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One collection, followed: listed page by page, then watched from the list's version on. A watch that breaks goes on from the last version that was heard of; one whose version the server has
 * forgotten (410) is followed by a new list, which is compared with what is known. Between any two requests that are not pages of one list lies a {@link RetryDelay}.
 *
 * <p>Belongs to the source's thread; call-backs of the server come to it through the {@link Inbox}.
 */
final class ResourceWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceWatch.class);
    private static final int GONE = 410;
    private static final int OK = 200;

    /** A page that is not there after this never comes. */
    private static final long PAGE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

    private static final long OPEN_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    /** How much longer than it was asked for a watch may last. */
    private static final long WATCH_GRACE_NS = TimeUnit.SECONDS.toNanos(30);

    /** Failures after which others need not wait any longer for this collection's first list. */
    private static final int FAILURES_TO_GO_ON_WITHOUT = 3;

    private static final int MAX_REASON_LENGTH = 300;

    enum State {
        /** Waits for its time, and for its turn, to ask for the first page. */
        LIST_DUE,
        /** Waits for a page. */
        LISTING,
        /** Waits for its time to open a watch. */
        WATCH_DUE,
        /** Waits for the server to accept the watch. */
        OPENING,
        WATCHING
    }

    private final ResourceKind kind;
    private final Map<String, String> selector;
    private final boolean cached;
    private final ApiServer server;
    private final ChangeRecorder recorder;
    private final Inbox inbox;
    private final WatchPace pace;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final RetryDelay delay;
    private final ObjectReader reader = new ObjectReader();
    private final AtomicLong overflowed = new AtomicLong();

    private State state = State.LIST_DUE;
    private long dueNs = System.nanoTime();
    private long attempt;
    private @Nullable Call call;
    private long openedNs;
    private boolean heard;

    private int pageSize;
    private String next = "";
    private Set<StateKey> listed = new HashSet<>();
    private boolean fresh;
    private boolean listedOnce;
    private boolean lateList;
    private String resourceVersion = "";

    private int failures;
    private boolean refused;
    private String reason = "";
    private long answeredNs;

    /**
     * @param selector a field selector, or empty for the whole collection
     * @param cached whether the first list may come from the API server's cache, without asking its store: for what every node asks for
     */
    ResourceWatch(
            ResourceKind kind,
            String selector,
            boolean cached,
            ApiServer server,
            ChangeRecorder recorder,
            Inbox inbox,
            WatchPace pace,
            RandomGenerator random,
            InstantSource clock) {
        this.kind = kind;
        this.selector = selector.isEmpty() ? Map.of() : Map.of("fieldSelector", selector);
        this.cached = cached;
        this.server = server;
        this.recorder = recorder;
        this.inbox = inbox;
        this.pace = pace;
        this.random = random;
        this.clock = clock;
        this.delay = new RetryDelay(pace.first(), pace.longest(), random);
        this.pageSize = pace.pageSize();
        this.answeredNs = nowNs();
    }

    /** Whether it holds the turn to list. */
    boolean isListing() {
        return state == State.LISTING;
    }

    /** Whether the first list is complete, or others need not wait for it. */
    boolean isSettled() {
        return listedOnce || refused || failures >= FAILURES_TO_GO_ON_WITHOUT;
    }

    boolean isListed() {
        return listedOnce;
    }

    /** Whether a first list came when recording had begun: a checkpoint must tell of it. True once. */
    boolean takeLateList() {
        boolean late = lateList;
        lateList = false;
        return late;
    }

    /** Does what is due. */
    void tick(boolean mayList, boolean mayWatch) {
        if (overflowed.getAndSet(0) > 0) {
            fail("messages came faster than they could be recorded", true);
        }
        if (System.nanoTime() - dueNs < 0) {
            return;
        }
        switch (state) {
            case LIST_DUE -> {
                if (mayList) {
                    resourceVersion = "";
                    next = "";
                    listed = new HashSet<>();
                    requestPage();
                }
            }
            case WATCH_DUE -> {
                if (mayWatch) {
                    openWatch();
                }
            }
            case LISTING -> fail("a page did not come in time", true);
            case OPENING -> fail("a watch was not accepted in time", false);
            case WATCHING -> ended(attempt, 0, "the server did not end the watch in time");
        }
    }

    /** When something is due next, as {@link System#nanoTime}. */
    long dueNs() {
        return dueNs;
    }

    private void requestPage() {
        Map<String, String> query = new LinkedHashMap<>(selector);
        query.put("limit", Integer.toString(pageSize));
        if (!next.isEmpty()) {
            query.put("continue", next);
        } else if (cached && !fresh) {
            query.put("resourceVersion", "0");
        }
        move(State.LISTING, PAGE_TIMEOUT_NS, next.isEmpty() ? "a list is due" : "the next page");
        long asked = ++attempt;
        call = server.list(kind, query, answer -> deliver(() -> answered(asked, answer)));
    }

    private void answered(long asked, Answer answer) {
        if (asked != attempt || state != State.LISTING) {
            return;
        }
        call = null;
        if (answer.tooLong() && answer.code() == OK) {
            smallerPages();
        } else if (answer.code() == OK) {
            takePage(answer.body());
        } else if (answer.code() == GONE) {
            fresh = true;
            fail("the list's next page has expired", true);
        } else if (answer.code() == 0) {
            fail(String.valueOf(answer.failure()), true);
        } else {
            refusal(answer.code(), statusMessage(answer.body()), true);
        }
    }

    /** Servers that answer from their cache know no pages. */
    private void smallerPages() {
        if (pageSize == 1 && fresh) {
            fail("an object is longer than " + ApiServer.MAX_PAGE_LENGTH + " bytes", true);
            return;
        }
        pageSize = fresh ? Math.max(1, pageSize / 2) : pageSize;
        fresh = true;
        next = "";
        listed = new HashSet<>();
        requestPage();
    }

    private void takePage(byte[] json) {
        long receivedNs = nowNs();
        try {
            ListPage page = ListPage.read(json, kind, reader, object -> takeListed(object, receivedNs));
            answeredNs = receivedNs;
            if (!page.next().isEmpty()) {
                next = page.next();
                requestPage();
                return;
            }
            recorder.vanished(kind, listed, nowNs(), !listedOnce);
            listed = new HashSet<>();
            resourceVersion = page.resourceVersion();
            lateList = !listedOnce;
            listedOnce = true;
            refused = false;
            fresh = true; // from now on a list must not be older than what is known
            move(State.WATCH_DUE, 0, "listed");
        } catch (IOException e) {
            notUnderstood(e);
        }
    }

    private void takeListed(KubernetesObject object, long receivedNs) {
        StateKey key = recorder.listed(object, receivedNs, !listedOnce);
        if (key != null) {
            listed.add(key);
        }
    }

    private void openWatch() {
        long seconds = Math.max(1, pace.watchFor().toSeconds());
        seconds -= random.nextLong(seconds / 4 + 1);
        Map<String, String> query = new LinkedHashMap<>(selector);
        query.put("watch", "true");
        query.put("resourceVersion", resourceVersion);
        query.put("allowWatchBookmarks", "true");
        query.put("timeoutSeconds", Long.toString(seconds));
        move(State.OPENING, OPEN_TIMEOUT_NS, "a watch is due");
        heard = false;
        openedNs = System.nanoTime();
        long asked = ++attempt;
        long lastsNs = TimeUnit.SECONDS.toNanos(seconds) + WATCH_GRACE_NS;
        call =
                server.watch(
                        kind,
                        query,
                        new WatchListener() {
                            @Override
                            public void opened() {
                                deliver(() -> accepted(asked, lastsNs));
                            }

                            @Override
                            public void message(byte[] json) {
                                long receivedNs = nowNs();
                                deliver(() -> told(asked, json, receivedNs));
                            }

                            @Override
                            public void ended(int code, String why) {
                                deliver(() -> ResourceWatch.this.ended(asked, code, why));
                            }
                        });
    }

    /** Any thread. What finds no room is not lost in silence: the collection is listed again. */
    private void deliver(Runnable task) {
        if (!inbox.offer(task)) {
            overflowed.incrementAndGet();
        }
    }

    private void accepted(long asked, long lastsNs) {
        if (asked == attempt && state == State.OPENING) {
            answeredNs = nowNs();
            failures = 0;
            refused = false;
            move(State.WATCHING, lastsNs, "accepted");
        }
    }

    private void told(long asked, byte[] json, long receivedNs) {
        if (asked != attempt || (state != State.WATCHING && state != State.OPENING)) {
            return;
        }
        try {
            take(WatchMessage.read(json, kind, reader), receivedNs);
        } catch (IOException e) {
            notUnderstood(e);
            return;
        }
        Call open = call;
        if (open != null) {
            open.more();
        }
    }

    private void take(WatchMessage message, long receivedNs) throws IOException {
        switch (message.type()) {
            case "ADDED" -> changed(Kind.ADDED, message.object(), receivedNs);
            case "MODIFIED" -> changed(Kind.MODIFIED, message.object(), receivedNs);
            case "DELETED" -> changed(Kind.DELETED, message.object(), receivedNs);
            case "BOOKMARK" -> proven(message.object(), receivedNs);
            case "ERROR" -> error(message);
            default -> throw new IOException("a message of type " + cut(message.type()));
        }
    }

    private void changed(Kind change, KubernetesObject object, long receivedNs) {
        recorder.watched(change, object, receivedNs);
        proven(object, receivedNs);
    }

    private void proven(KubernetesObject object, long receivedNs) {
        if (!object.resourceVersion().isEmpty()) {
            resourceVersion = object.resourceVersion();
        }
        answeredNs = receivedNs;
        heard = true;
        failures = 0;
        delay.reset();
    }

    private void error(WatchMessage message) {
        if (message.code() == GONE) {
            relist(message.text());
        } else {
            fail("code " + message.code() + " " + message.text(), false);
        }
    }

    private void relist(String why) {
        drop();
        LOG.info(
                "Kubernetes: {} are listed again, the API server has forgotten version={}: {}",
                kind.plural(),
                resourceVersion,
                cut(why));
        fresh = true;
        move(State.LIST_DUE, delay.nextNs(), "410");
    }

    private void ended(long asked, int code, String why) {
        if (asked != attempt || (state != State.WATCHING && state != State.OPENING)) {
            return;
        }
        boolean good = state == State.WATCHING && (heard || System.nanoTime() - openedNs >= pace.goodAfter().toNanos());
        if (code == GONE) {
            relist(why);
        } else if (code != 0) {
            refusal(code, why, false);
        } else if (good) {
            drop();
            delay.reset();
            move(State.WATCH_DUE, delay.nextNs(), why);
        } else {
            fail(why, false);
        }
    }

    /** An answer that is neither what was asked for nor 410. */
    private void refusal(int code, String why, boolean list) {
        refused = code == 401 || code == 403 || code == 404;
        fail("HTTP " + code + (why.isEmpty() ? "" : ": " + why), list);
        if (refused) {
            dueNs = System.nanoTime() + delay.longNs();
        }
    }

    private void notUnderstood(IOException e) {
        String what = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        fail("what it sent cannot be read: " + what, true);
    }

    private void fail(String why, boolean list) {
        drop();
        failures++;
        reason = cut(why);
        if (failures == 1) {
            LOG.warn("Kubernetes: {} cannot be followed for now: {}", kind.plural(), reason);
        }
        move(list || resourceVersion.isEmpty() ? State.LIST_DUE : State.WATCH_DUE, delay.nextNs(), reason);
    }

    /** Ends what is under way; whatever still comes of it is passed by. */
    private void drop() {
        attempt++;
        Call open = call;
        call = null;
        if (open != null) {
            open.cancel();
        }
    }

    private void move(State to, long inNs, String why) {
        LOG.debug("Kubernetes: {} from={} to={} reason={}", kind.plural(), state, to, why);
        state = to;
        dueNs = System.nanoTime() + inNs;
    }

    void close() {
        drop();
    }

    /** Why changes are not heard of, a whole sentence; null while they are. */
    @Nullable String problem() {
        if (failures == 0) {
            return null;
        }
        String about = " for " + kind.plural() + ": " + reason + ".";
        return refused
                ? "The API server at "
                        + server.address()
                        + " refuses"
                        + about
                        + " The agent needs the verbs list and watch."
                : "The API server at "
                        + server.address()
                        + " has not answered since "
                        + EpochNanos.format(answeredNs)
                        + about;
    }

    private long nowNs() {
        return EpochNanos.of(clock.instant());
    }

    /** The message of a Status object, or the text itself. */
    private static String statusMessage(byte[] body) {
        try {
            WatchMessage status = new WatchMessage("ERROR", new ObjectReader().read(ResourceKind.POD, start(body)));
            return cut(status.text());
        } catch (IOException noStatus) {
            return cut(new String(body, 0, Math.min(body.length, MAX_REASON_LENGTH), StandardCharsets.UTF_8).strip());
        }
    }

    private static JsonParser start(byte[] body) throws IOException {
        JsonParser parser = ObjectReader.parser(body);
        parser.nextToken();
        return parser;
    }

    /** What a server says is cut and kept on one line. */
    private static String cut(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > MAX_REASON_LENGTH ? line.substring(0, MAX_REASON_LENGTH) + "…" : line;
    }
}
