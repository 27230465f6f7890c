package io.hindsight.agent.ring;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions hold which chunks. A pin is lost when its session's lease ends or when the pool gives it up; each loss is kept for the
 * session until it is released, so that it can be told. Not thread-safe: the {@link SlotPool}'s lock guards it.
 */
final class PinTable {
    private final int[] pinsOfSlot;
    private final Map<String, Session> sessions = new HashMap<>();
    private int pinnedSlots;

    PinTable(int slotCount) {
        this.pinsOfSlot = new int[slotCount];
    }

    /** One session's pins. */
    private static final class Session {
        final TreeMap<Long, SlotInfo> held = new TreeMap<>();
        final Set<Long> underWay = new HashSet<>();
        final List<SlotInfo> lost = new ArrayList<>();
        long leaseNs;
        long deadlineNs;
    }

    /** Adds a pin; the session begins with its first one. */
    void pin(String session, SlotInfo slot) {
        if (sessions.computeIfAbsent(session, id -> new Session()).held.put(slot.sequence(), slot) == null
                && pinsOfSlot[slot.index()]++ == 0) {
            pinnedSlots++;
        }
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
        return known != null && known.held.containsKey(sequence);
    }

    /** The chunk has been sent and is read by somebody: it is given up last. */
    boolean markUnderWay(String session, long sequence) {
        Session known = sessions.get(session);
        if (known == null || !known.held.containsKey(sequence)) {
            return false;
        }
        known.underWay.add(sequence);
        return true;
    }

    /** Ends the session's pins up to and with this sequence. */
    void unpinThrough(String session, long sequence) {
        Session known = sessions.get(session);
        if (known != null) {
            Map<Long, SlotInfo> done = known.held.headMap(sequence, true);
            done.values().forEach(this::uncount);
            known.underWay.removeAll(done.keySet());
            done.clear();
        }
    }

    /** Ends one pin: nobody will ask for the chunk. */
    void unpin(String session, long sequence) {
        Session known = sessions.get(session);
        if (known != null) {
            known.underWay.remove(sequence);
            uncount(known.held.remove(sequence));
        }
    }

    /** Ends the session and forgets it. */
    void release(String session) {
        Session known = sessions.remove(session);
        if (known != null) {
            known.held.values().forEach(this::uncount);
        }
    }

    /** What the session has lost so far, oldest first. */
    List<SlotInfo> lost(String session) {
        Session known = sessions.get(session);
        return known == null ? List.of() : List.copyOf(known.lost);
    }

    /** Takes the pins of every session whose lease has ended; they count as lost. */
    void expire(long nowNs) {
        for (Session session : sessions.values()) {
            if (session.deadlineNs - nowNs <= 0 && !session.held.isEmpty()) {
                session.lost.addAll(session.held.values());
                session.held.values().forEach(this::uncount);
                session.held.clear();
                session.underWay.clear();
            }
        }
    }

    /** Takes the chunk away from every session that holds it; it counts as lost. */
    void giveUp(long sequence) {
        for (Session session : sessions.values()) {
            SlotInfo slot = session.held.remove(sequence);
            if (slot != null) {
                session.underWay.remove(sequence);
                session.lost.add(slot);
                uncount(slot);
            }
        }
    }

    boolean isUnderWay(long sequence) {
        for (Session session : sessions.values()) {
            if (session.underWay.contains(sequence)) {
                return true;
            }
        }
        return false;
    }

    boolean isPinned(int slot) {
        return pinsOfSlot[slot] > 0;
    }

    int pinnedSlots() {
        return pinnedSlots;
    }

    private void uncount(@Nullable SlotInfo slot) {
        if (slot != null && --pinsOfSlot[slot.index()] == 0) {
            pinnedSlots--;
        }
    }
}
