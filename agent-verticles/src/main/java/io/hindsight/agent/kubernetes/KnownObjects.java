package io.hindsight.agent.kubernetes;

import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsAnswer.KnownObject;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The objects that are known now, and their states of the last hour. One thread, the source's, changes it; any thread may ask for pages.
 *
 * <p>Memory is bounded: up to {@value #MAX_WHOLE_BYTES} packed bytes objects are kept whole, from there in slim form, and past {@value #MAX_BYTES} bytes or
 * {@value #MAX_OBJECTS} objects not at all, which is counted and told.
 */
public final class KnownObjects {
    /** Most objects that are kept: each costs some 350 bytes beside its packed ones. */
    static final int MAX_OBJECTS = 40_000;

    /** Packed bytes up to which objects are kept whole. */
    static final int MAX_WHOLE_BYTES = 16 << 20;

    /** Packed bytes of all objects. */
    static final int MAX_BYTES = 24 << 20;

    /** Most states that have ended and are remembered, and their packed bytes; the oldest are forgotten first. */
    static final int MAX_ENDED = 4_096;

    static final int MAX_ENDED_BYTES = 4 << 20;

    /** How long states that have ended are remembered. */
    static final Duration MAX_ENDED_AGE = Duration.ofHours(1);

    /** JSON of a page of more than one object: far below what a message of the link may be. */
    static final int MAX_PAGE_BYTES = 192 << 10;

    /** JSON of the longest object that is told. */
    static final int MAX_TOLD_BYTES = 1 << 20;

    /** JSON of an entry of a page beside the object: times and names again. */
    private static final int ENTRY_OVERHEAD = 512;

    private final ConcurrentSkipListMap<StateKey, ObjectState> states = new ConcurrentSkipListMap<>();

    // The source's thread.
    private final ArrayDeque<StateKey> ended = new ArrayDeque<>();
    private int endedBytes;
    private int currentCount;
    private long currentBytes;
    private long slimBytes;

    // Written by the source's thread, read by all.
    private final LongAdder forgotten = new LongAdder();
    private volatile boolean listed;
    private volatile @Nullable String problem;

    /** A page; takes a millisecond or two: call it on a worker. */
    public KnownObjectsAnswer page(KnownObjectsRequest request) {
        if (request.limit() < 1 || request.limit() > KnownObjectsRequest.MAX_LIMIT) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "limit",
                    "limit=" + request.limit() + " is outside 1 to " + KnownObjectsRequest.MAX_LIMIT + ".");
        }
        List<KnownObject> objects = new ArrayList<>();
        Iterator<ObjectState> rest = after(request.after()).values().iterator();
        StateKey last = null;
        int bytes = 0;
        boolean complete = listed && forgotten.sum() == 0;
        try (ObjectPacker packer = new ObjectPacker()) {
            while (rest.hasNext() && objects.size() < request.limit()) {
                ObjectState state = rest.next();
                boolean told = state.slimLength() <= MAX_TOLD_BYTES;
                bytes += told ? state.slimLength() + ENTRY_OVERHEAD : 0;
                if (bytes > MAX_PAGE_BYTES && !objects.isEmpty()) {
                    break;
                }
                last = state.key();
                complete &= told;
                if (told) {
                    objects.add(told(state, packer));
                }
            }
        }
        long left = last == null ? 0 : states.tailMap(last, false).size();
        return new KnownObjectsAnswer(
                objects, left == 0 || last == null ? null : last.toText(), left, complete, problem);
    }

    private Map<StateKey, ObjectState> after(@Nullable String text) {
        if (text == null) {
            return states;
        }
        StateKey key = StateKey.parse(text);
        if (key == null) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "after",
                    "after is not the key of an object: take next of the page before.");
        }
        return states.tailMap(key, false);
    }

    private static KnownObject told(ObjectState state, ObjectPacker packer) {
        StateKey key = state.key();
        Map<String, Object> object = packer.unpack(state.packed());
        return new KnownObject(
                key.toText(),
                key.kind().apiVersion(),
                key.kind().kind(),
                key.namespace().isEmpty() ? null : key.namespace(),
                key.name(),
                key.uid(),
                state.slim() ? object : SlimForm.of(key.kind(), object),
                key.fromNs(),
                state.toNs());
    }

    /** The present state of the object of this name; null where none is known. */
    @Nullable ObjectState current(ResourceKind kind, String namespace, String name) {
        StateKey first = new StateKey(kind, namespace, name, "", Long.MIN_VALUE);
        for (ObjectState state : states.tailMap(first, true).values()) {
            StateKey key = state.key();
            if (key.kind() != kind || !key.namespace().equals(namespace) || !key.name().equals(name)) {
                return null;
            }
            if (state.toNs() == null) {
                return state;
            }
        }
        return null;
    }

    /** The present states of a kind, or of all where it is null, in order. */
    List<ObjectState> current(@Nullable ResourceKind kind) {
        Collection<ObjectState> range =
                kind == null
                        ? states.values()
                        : states.tailMap(new StateKey(kind, "", "", "", Long.MIN_VALUE), true).values();
        List<ObjectState> current = new ArrayList<>();
        for (ObjectState state : range) {
            if (kind != null && state.key().kind() != kind) {
                break;
            }
            if (state.toNs() == null) {
                current.add(state);
            }
        }
        return current;
    }

    /** Whether one more object would find room, in which form. */
    Room room() {
        if (currentCount >= MAX_OBJECTS || currentBytes >= MAX_BYTES) {
            return Room.NONE;
        }
        return currentBytes < MAX_WHOLE_BYTES ? Room.WHOLE : Room.SLIM;
    }

    /** In which form an object finds room. */
    enum Room {
        WHOLE,
        SLIM,
        NONE
    }

    /** Adds a present state, or puts a newer one of the same key in its place. */
    void put(ObjectState state) {
        ObjectState before = states.put(state.key(), state);
        if (before != null) {
            account(before, -1);
        }
        account(state, 1);
    }

    /** Forgets a present state without a trace. */
    void remove(ObjectState state) {
        if (states.remove(state.key()) != null) {
            account(state, -1);
        }
    }

    /** A present state has ended. */
    void end(ObjectState state, byte[] slimPacked, long whenNs) {
        account(state, -1);
        states.put(state.key(), state.ended(slimPacked, whenNs));
        ended.add(state.key());
        endedBytes += slimPacked.length;
        forgetEnded(whenNs);
    }

    /** Forgets states that ended too long ago, or are too many. */
    void forgetEnded(long nowNs) {
        long oldestNs = nowNs - MAX_ENDED_AGE.toNanos();
        StateKey oldest = ended.peek();
        while (oldest != null) {
            ObjectState state = states.get(oldest);
            Long toNs = state == null ? null : state.toNs();
            boolean tooMany = ended.size() > MAX_ENDED || endedBytes > MAX_ENDED_BYTES;
            if (toNs != null && toNs >= oldestNs && !tooMany) {
                return;
            }
            ended.remove();
            if (state != null && toNs != null) {
                endedBytes -= state.packed().length;
                states.remove(oldest);
            }
            oldest = ended.peek();
        }
    }

    private void account(ObjectState state, int sign) {
        currentCount += sign;
        currentBytes += (long) sign * state.packed().length;
        slimBytes += (long) sign * state.slimLength();
    }

    /** An object found no room. */
    void forgot() {
        forgotten.increment();
    }

    /** How many found no room. */
    long forgotten() {
        return forgotten.sum();
    }

    int currentCount() {
        return currentCount;
    }

    /** Bytes of all present objects in slim form, as JSON. */
    long slimBytes() {
        return slimBytes;
    }

    void tell(boolean allListed, @Nullable String newProblem) {
        listed = allListed;
        problem = newProblem;
    }
}
