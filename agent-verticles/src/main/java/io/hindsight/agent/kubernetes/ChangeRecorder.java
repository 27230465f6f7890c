package io.hindsight.agent.kubernetes;

import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.kubernetes.KnownObjects.Room;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.HindsightException;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.KubernetesChange.Kind;
import io.hindsight.json.MergePatch;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is told of objects with what is known of them, and records the difference. Belongs to the source's thread.
 *
 * <p>Records have the time at which the recorder heard of the change, made ascending, so that their order in time is that in which they were recorded.
 */
final class ChangeRecorder implements AutoCloseable {
    /** Events whose version is remembered, so that a new list of all does not tell of them again; the oldest are forgotten. */
    static final int MAX_EVENTS = 10_000;

    /** Bytes of a checkpoint's record beside the object. */
    private static final int RECORD_OVERHEAD = 700;

    /** A clock that was set back further than this is followed; times then descend once. */
    private static final long MAX_HELD_NS = 2_000_000_000L;

    private final EventSink sink;
    private final KnownObjects known;
    private final KnownPods pods;
    private final PodAddresses addresses;
    private final String subject;
    private final KubernetesEntry entries;
    private final ObjectPacker packer = new ObjectPacker();
    private final Map<String, String> events =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                    return size() > MAX_EVENTS;
                }
            };
    private long lastNs;

    /** @param subject what checkpoints are about, for their first and last record */
    ChangeRecorder(EventSink sink, KnownObjects known, KnownPods pods, PodAddresses addresses, String subject) {
        this.sink = sink;
        this.known = known;
        this.pods = pods;
        this.addresses = addresses;
        this.subject = subject;
        this.entries = new KubernetesEntry(sink.maxEntryLength());
    }

    /**
     * A list has this object.
     *
     * @param silent whether nothing is recorded: the first list of a kind tells what is there, and the checkpoint after it says so
     * @return its state now; null where it is not remembered
     */
    @Nullable StateKey listed(KubernetesObject object, long receivedNs, boolean silent) {
        if (!object.kind().isRemembered()) {
            occurred(Kind.ADDED, object, receivedNs, silent);
            return null;
        }
        ObjectState before = known.current(object.kind(), object.namespace(), object.name());
        if (before != null && !before.key().uid().equals(object.uid())) {
            gone(before, null, receivedNs, silent);
            before = null;
        }
        if (before == null) {
            Instant created = ServerTimes.parse(KubernetesObject.text(object.metadata(), "creationTimestamp"));
            long fromNs = created == null ? receivedNs : Math.min(receivedNs, nanos(created, receivedNs));
            return appeared(Kind.ADDED, object, fromNs, receivedNs, silent);
        }
        return before.resourceVersion().equals(object.resourceVersion())
                ? before.key()
                : changed(before, object, receivedNs, silent);
    }

    private static long nanos(Instant time, long otherwise) {
        try {
            return EpochNanos.of(time);
        } catch (HindsightException outOfRange) {
            return otherwise;
        }
    }

    /** A list is complete, and lacks whatever is known of the kind and not among these. */
    void vanished(ResourceKind kind, Set<StateKey> listed, long receivedNs, boolean silent) {
        for (ObjectState state : known.current(kind)) {
            if (!listed.contains(state.key())) {
                gone(state, null, receivedNs, silent);
            }
        }
    }

    /** A watch tells of this object that it was added, modified or deleted. */
    void watched(Kind kind, KubernetesObject object, long receivedNs) {
        if (!object.kind().isRemembered()) {
            if (kind != Kind.DELETED) { // events expire: nothing happens then
                occurred(kind, object, receivedNs, false);
            }
            return;
        }
        ObjectState before = known.current(object.kind(), object.namespace(), object.name());
        if (before != null && !before.key().uid().equals(object.uid())) {
            if (kind == Kind.DELETED) {
                return; // that one is known to be gone: another has its name
            }
            gone(before, null, receivedNs, false);
            before = null;
        }
        if (kind == Kind.DELETED) {
            if (before == null) {
                record(kind, object, object.json(), null, receivedNs);
            } else {
                gone(before, object, receivedNs, false);
            }
        } else if (before == null) {
            appeared(kind, object, receivedNs, receivedNs, false);
        } else if (!before.resourceVersion().equals(object.resourceVersion())) {
            changed(before, object, receivedNs, false);
        }
    }

    private void occurred(Kind kind, KubernetesObject event, long receivedNs, boolean silent) {
        String before = events.put(event.uid(), event.resourceVersion());
        if (!silent && !event.resourceVersion().equals(before)) {
            record(before == null ? kind : Kind.MODIFIED, event, event.json(), null, receivedNs);
        }
    }

    private @Nullable StateKey appeared(
            Kind kind, KubernetesObject object, long fromNs, long receivedNs, boolean silent) {
        StateKey key = new StateKey(object.kind(), object.namespace(), object.name(), object.uid(), fromNs);
        boolean kept = keep(key, object, known.room());
        if (!silent) {
            record(kind, object, object.json(), null, receivedNs);
        }
        return kept ? key : null;
    }

    private StateKey changed(ObjectState before, KubernetesObject object, long receivedNs, boolean silent) {
        Map<String, Object> old = packer.unpack(before.packed());
        Map<String, Object> oldSlim = before.slim() ? old : SlimForm.of(object.kind(), old);
        StateKey key = before.key();
        if (isSame(oldSlim, SlimForm.of(object.kind(), object.json()))) {
            keep(key, object, roomInPlace());
        } else {
            known.end(before, packer.pack(ObjectPacker.json(oldSlim)), receivedNs);
            key =
                    new StateKey(
                            key.kind(), key.namespace(), key.name(), key.uid(), Math.max(receivedNs, key.fromNs() + 1));
            keep(key, object, roomInPlace());
        }
        if (!silent) {
            recordChange(before.slim() ? null : old, object, receivedNs);
        }
        return key;
    }

    private void recordChange(@Nullable Map<String, Object> old, KubernetesObject object, long receivedNs) {
        if (old == null) { // only its slim form was kept: what changed in the rest is not known
            record(Kind.MODIFIED, object, object.json(), null, receivedNs);
            return;
        }
        Map<String, @Nullable Object> patch = MergePatch.between(old, object.json());
        if (!Noise.isAll(patch, old, object.json())) {
            record(Kind.MODIFIED, object, null, patch, receivedNs);
        }
    }

    /** Which of an object's versions it is does not matter to what names resolve by. */
    private static boolean isSame(Map<String, Object> one, Map<String, Object> other) {
        return withoutVersion(one).equals(withoutVersion(other));
    }

    private static Map<String, Object> withoutVersion(Map<String, Object> slim) {
        Map<String, Object> copy = new HashMap<>(slim);
        Map<String, Object> metadata = new HashMap<>(KubernetesObject.map(slim, "metadata"));
        metadata.remove("resourceVersion");
        copy.put("metadata", metadata);
        return copy;
    }

    /** What is known already stays so. */
    private Room roomInPlace() {
        return known.room() == Room.WHOLE ? Room.WHOLE : Room.SLIM;
    }

    private boolean keep(StateKey key, KubernetesObject object, Room room) {
        byte[] slim = ObjectPacker.json(SlimForm.of(object.kind(), object.json()));
        if (room == Room.NONE || slim.length > ObjectPacker.MAX_LENGTH) {
            known.forgot();
            return false;
        }
        byte[] whole = room == Room.WHOLE ? ObjectPacker.json(object.json()) : slim;
        boolean slimAlone = room == Room.SLIM || whole.length > ObjectPacker.MAX_LENGTH;
        byte[] packed = packer.pack(slimAlone ? slim : whole);
        known.put(new ObjectState(key, object.resourceVersion(), packed, slimAlone, slim.length, null));
        if (object.kind() == ResourceKind.POD) {
            pods.put(object);
            addresses.put(object);
        }
        return true;
    }

    /** @param last the object as it was last, where the API server told; else what is known of it is recorded */
    private void gone(ObjectState state, @Nullable KubernetesObject last, long receivedNs, boolean silent) {
        StateKey key = state.key();
        Map<String, Object> old = packer.unpack(state.packed());
        if (silent) {
            known.remove(state);
        } else {
            byte[] slim = state.slim() ? state.packed() : packer.pack(ObjectPacker.json(SlimForm.of(key.kind(), old)));
            known.end(state, slim, receivedNs);
        }
        if (key.kind() == ResourceKind.POD) {
            pods.end(key.uid());
            addresses.end(key.uid());
        }
        if (!silent) {
            KubernetesObject object = last == null ? new KubernetesObject(key.kind(), old, null) : last;
            record(Kind.DELETED, object, object.json(), null, receivedNs);
        }
    }

    private void record(
            Kind kind,
            KubernetesObject object,
            @Nullable Map<String, Object> whole,
            @Nullable Map<String, @Nullable Object> patch,
            long receivedNs) {
        long timeNs = ascending(receivedNs);
        byte[] entry = entries.of(change(kind, object, whole, patch, timeNs, null), object.json(), 0);
        if (entry == null) {
            int wholeLength = entries.length();
            Map<String, Object> slim = SlimForm.of(object.kind(), object.json());
            entry = entries.of(change(kind, object, slim, null, timeNs, null), slim, wholeLength);
        }
        if (entry == null) {
            sink.dropped(DropCause.OVERSIZE, 1);
        } else {
            sink.event(timeNs, entry);
        }
    }

    private static KubernetesChange change(
            Kind kind,
            KubernetesObject object,
            @Nullable Map<String, Object> whole,
            @Nullable Map<String, @Nullable Object> patch,
            long timeNs,
            @Nullable CheckpointPart part) {
        return new KubernetesChange(
                kind,
                timeNs,
                object.serverTime(),
                object.kind().apiVersion(),
                object.kind().kind(),
                object.namespace().isEmpty() ? null : object.namespace(),
                object.name(),
                object.uid(),
                object.resourceVersion(),
                whole,
                patch,
                part,
                null);
    }

    private long ascending(long receivedNs) {
        boolean setBack = receivedNs < lastNs - MAX_HELD_NS;
        lastNs = setBack ? receivedNs : Math.max(receivedNs, lastNs + 1);
        return lastNs;
    }

    /**
     * Writes all objects that are known.
     *
     * @return false where the sink has no room for so many
     */
    boolean checkpoint(long nowNs) {
        List<ObjectState> current = known.current((ResourceKind) null);
        if (!sink.beginCheckpoint(known.slimBytes() + (2L + current.size()) * RECORD_OVERHEAD)) {
            return false;
        }
        long timeNs = ascending(nowNs);
        border(CheckpointPart.BEGIN, current.size(), timeNs);
        long written = 0;
        for (ObjectState state : current) {
            written += recordKnown(state, timeNs);
        }
        border(CheckpointPart.END, written, timeNs);
        sink.endCheckpoint();
        return true;
    }

    private int recordKnown(ObjectState state, long timeNs) {
        ResourceKind kind = state.key().kind();
        Map<String, Object> object = packer.unpack(state.packed());
        Map<String, Object> slim = state.slim() ? object : SlimForm.of(kind, object);
        KubernetesChange change =
                change(Kind.KNOWN, new KubernetesObject(kind, slim, null), slim, null, timeNs, CheckpointPart.ENTRY);
        byte[] entry = entries.of(change, slim, 0);
        if (entry == null) {
            sink.dropped(DropCause.OVERSIZE, 1);
            return 0;
        }
        sink.event(timeNs, entry);
        return 1;
    }

    private void border(CheckpointPart part, long count, long timeNs) {
        KubernetesChange change =
                new KubernetesChange(
                        Kind.CHECKPOINT, timeNs, null, null, subject, null, null, null, null, null, null, part, count);
        byte[] entry = entries.of(change, null, 0);
        if (entry != null) { // of a few hundred bytes
            sink.event(timeNs, entry);
        }
    }

    @Override
    public void close() {
        packer.close();
    }
}
