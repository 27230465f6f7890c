package io.hindsight.agent.ring;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions hold which chunks. A pin is lost when its session's lease ends or when the pool gives it up; each loss is kept for the
 * session until it is released, so that it can be told. Not thread-safe: the {@link SlotPool}'s lock guards it.
 *
 * <p>A thousand sessions may hold the same slots. What a slot holds is therefore kept once, as it was when it was pinned last, and a session has two bits for
 * each slot.
 */
final class PinTable {
    private final int[] pinsOfSlot;
    private final int[] underWayOfSlot;
    private final @Nullable SlotInfo[] pinned;
    private final Map<Long, Integer> slotOfSequence = new HashMap<>();
    private final Map<String, Session> sessions = new HashMap<>();

    PinTable(int slotCount) {
        this.pinsOfSlot = new int[slotCount];
        this.underWayOfSlot = new int[slotCount];
        this.pinned = new @Nullable SlotInfo[slotCount];
    }

    /** One session's pins, by slot. */
    private static final class Session {
        final BitSet held = new BitSet();
        final BitSet underWay = new BitSet();
        final List<SlotInfo> lost = new ArrayList<>();
        long leaseNs;
        long deadlineNs;
    }

    /** Adds a pin; the session begins with its first one. Returns what is kept of the slot, for all who pin it as it is. */
    SlotInfo pin(String session, SlotInfo slot) {
        Session known = sessions.computeIfAbsent(session, id -> new Session());
        int index = slot.index();
        if (!known.held.get(index)) {
            known.held.set(index);
            pinsOfSlot[index]++;
        }
        SlotInfo kept = pinned[index];
        if (kept != null && kept.equals(slot)) {
            return kept;
        }
        pinned[index] = slot;
        slotOfSequence.put(slot.sequence(), index);
        return slot;
    }

    /** Sets the session's lease and starts it. */
    void lease(String session, long leaseNs, long nowNs) {
        Session known = sessions.computeIfAbsent(session, id -> new Session());
        known.leaseNs = leaseNs;
        known.deadlineNs = nowNs + leaseNs;
    }

    /** Starts the session's lease anew; false where there is no such session, or its lease has ended. */
    boolean renew(String session, long nowNs) {
        Session known = sessions.get(session);
        if (known == null || known.deadlineNs - nowNs <= 0) {
            return false;
        }
        known.deadlineNs = nowNs + known.leaseNs;
        return true;
    }

    boolean holds(String session, long sequence) {
        Session known = sessions.get(session);
        Integer slot = slotOfSequence.get(sequence);
        return known != null && slot != null && known.held.get(slot);
    }

    /** The chunk has been sent and is read by somebody: it is given up last. */
    boolean markUnderWay(String session, long sequence) {
        Session known = sessions.get(session);
        Integer slot = slotOfSequence.get(sequence);
        if (known == null || slot == null || !known.held.get(slot)) {
            return false;
        }
        if (!known.underWay.get(slot)) {
            known.underWay.set(slot);
            underWayOfSlot[slot]++;
        }
        return true;
    }

    /** Ends the session's pins up to and with this sequence. */
    void unpinThrough(String session, long sequence) {
        Session known = sessions.get(session);
        if (known != null) {
            for (int slot = known.held.nextSetBit(0); slot >= 0; slot = known.held.nextSetBit(slot + 1)) {
                if (kept(slot).sequence() <= sequence) {
                    end(known, slot);
                }
            }
        }
    }

    /** Ends one pin: nobody will ask for the chunk. */
    void unpin(String session, long sequence) {
        Session known = sessions.get(session);
        Integer slot = slotOfSequence.get(sequence);
        if (known != null && slot != null && known.held.get(slot)) {
            end(known, slot);
        }
    }

    /** Ends the session and forgets it. */
    void release(String session) {
        Session known = sessions.remove(session);
        if (known != null) {
            endAll(known);
        }
    }

    private void endAll(Session session) {
        for (int slot = session.held.nextSetBit(0); slot >= 0; slot = session.held.nextSetBit(slot + 1)) {
            end(session, slot);
        }
    }

    /** What the session has lost so far, oldest first. */
    List<SlotInfo> lost(String session) {
        Session known = sessions.get(session);
        return known == null
                ? List.of()
                : known.lost.stream().sorted(Comparator.comparingLong(SlotInfo::sequence)).toList();
    }

    /** Takes the pins of every session whose lease has ended; they count as lost. */
    void expire(long nowNs) {
        for (Session session : sessions.values()) {
            if (session.deadlineNs - nowNs <= 0 && !session.held.isEmpty()) {
                session.held.stream().forEach(slot -> session.lost.add(kept(slot)));
                endAll(session);
            }
        }
    }

    /** Takes the chunk away from every session that holds it; it counts as lost. */
    void giveUp(long sequence) {
        Integer slot = slotOfSequence.get(sequence);
        if (slot == null) {
            return;
        }
        SlotInfo was = kept(slot);
        for (Session session : sessions.values()) {
            if (session.held.get(slot)) {
                session.lost.add(was);
                end(session, slot);
            }
        }
    }

    boolean isUnderWay(int slot) {
        return underWayOfSlot[slot] > 0;
    }

    boolean isPinned(int slot) {
        return pinsOfSlot[slot] > 0;
    }

    int pinnedSlots() {
        return slotOfSequence.size();
    }

    private SlotInfo kept(int slot) {
        SlotInfo info = pinned[slot];
        if (info == null) {
            throw new IllegalStateException("Nobody has pinned slot " + slot + ".");
        }
        return info;
    }

    private void end(Session session, int slot) {
        session.held.clear(slot);
        if (session.underWay.get(slot)) {
            session.underWay.clear(slot);
            underWayOfSlot[slot]--;
        }
        if (--pinsOfSlot[slot] == 0) {
            slotOfSequence.remove(kept(slot).sequence());
            pinned[slot] = null;
        }
    }
}
