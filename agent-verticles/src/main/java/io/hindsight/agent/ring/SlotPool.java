package io.hindsight.agent.ring;

import io.hindsight.time.TimeWindow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Decides which slot is written next, and keeps the pins. A writer takes a slot that the {@link SlotPreFaulter} has made ready, or recycles
 * one itself. The oldest unpinned chunk goes first. Pinned chunks are passed over while they are at most {@code pinBound}; beyond it,
 * and where nothing else is left, the oldest pins are given up, those being sent last. A slot whose memory is being read in place is never
 * recycled; at most {@code pinBound} are, so that a capture thread always gets a slot.
 *
 * <p>Thread-safe: one lock, held for microseconds, a few hundred times a second at most; every field is guarded by it.
 */
final class SlotPool {
    static final int NONE = SlotAges.NONE;

    private final SlotDirectory directory;
    private final int pinBound;
    private final int readyTarget;
    private final LongSupplier nanoClock;
    private final SlotAges ages;
    private final PinTable pins;
    private final int[] readersOfSlot;

    /** 0: none. Readers ask on an event loop, which must not wait for a page of the directory. */
    private final long[] sequenceOfSlot;

    private int slotsBeingRead;
    private final RecycledTimes recycledTimes;
    private final Deque<Integer> ready = new ArrayDeque<>();
    private final List<SlotInfo> brokenChunks = new ArrayList<>();
    private int brokenSlots;
    private int run;
    private long nextSequence;
    private long pinsGivenUp;
    private boolean closed;

    /**
     * @param run number of the recorder's run
     * @param nextSequence the first chunk's
     * @param pinBound pinned slots that recycling passes over, and slots that are read in place at once; one of the latter in any case
     * @param readyTarget slots kept ready ahead of the writers
     * @param nanoClock {@link System#nanoTime()}, for leases
     */
    SlotPool(
            SlotDirectory directory,
            int run,
            long nextSequence,
            int pinBound,
            int readyTarget,
            LongSupplier nanoClock) {
        this.directory = directory;
        this.run = run;
        this.nextSequence = nextSequence;
        this.pinBound = pinBound;
        this.readyTarget = readyTarget;
        this.nanoClock = nanoClock;
        this.ages = new SlotAges(directory.slotCount());
        this.pins = new PinTable(directory.slotCount());
        this.readersOfSlot = new int[directory.slotCount()];
        this.sequenceOfSlot = new long[directory.slotCount()];
        List<Integer> byAge = new ArrayList<>();
        for (int slot = 0; slot < directory.slotCount(); slot++) {
            byAge.add(slot);
            sequenceOfSlot[slot] = ageOf(slot);
        }
        byAge.sort(Comparator.comparingLong(this::ageOf));
        byAge.forEach(ages::append);
        this.recycledTimes = new RecycledTimes(slots());
    }

    private long ageOf(int slot) {
        return directory.state(slot) == SlotState.FREE ? 0 : directory.sequence(slot);
    }

    /** Slots that are handed out from now on belong to another run of the recorder. */
    synchronized void run(int number) {
        run = number;
    }

    /** Hands a slot to a writer: state open, next sequence number; {@link #NONE} where every slot is open, or being read. */
    synchronized int take(int writer) {
        Integer prepared = ready.poll();
        int slot = prepared == null ? recycle() : prepared;
        if (slot != NONE) {
            sequenceOfSlot[slot] = nextSequence;
            directory.open(slot, nextSequence++, writer, run);
            ages.append(slot);
            notifyAll();
        }
        return slot;
    }

    /** Whether slots are to be made ready ahead of the writers at all. */
    boolean preparesSlots() {
        return readyTarget > 0;
    }

    /** Waits until a slot should be made ready, and takes it out of readers' sight; {@link #NONE} once closed. */
    synchronized int awaitUnready() throws InterruptedException {
        while (!closed) {
            int slot = ready.size() < readyTarget ? recycle() : NONE;
            if (slot != NONE) {
                return slot;
            }
            wait();
        }
        return NONE;
    }

    /** The slot's pages are in memory and dirty. */
    synchronized void ready(int slot) {
        ready.add(slot);
    }

    /** The slot's memory cannot be had: nobody gets it any more, and what it held is lost. {@code handedOut}: it is a writer's. */
    synchronized void quarantine(int slot, boolean handedOut) {
        brokenSlots++;
        if (handedOut) {
            ages.remove(slot);
            SlotInfo was = directory.info(slot);
            pins.giveUp(was.sequence());
            brokenChunks.add(was.broken());
            directory.settle(slot, SlotState.CORRUPT, was.flags());
        }
        notifyAll();
    }

    /** Slots whose memory cannot be had. */
    synchronized int brokenSlots() {
        return brokenSlots;
    }

    private int recycle() {
        pins.expire(nanoClock.getAsLong());
        int slot = oldestRecyclable();
        if (slot == NONE) {
            slot = oldestAtAll();
        }
        if (slot != NONE) {
            if (pins.isPinned(slot)) {
                pinsGivenUp++;
                pins.giveUp(directory.sequence(slot));
            }
            ages.remove(slot);
            if (directory.state(slot) != SlotState.FREE) {
                recycledTimes.recycled(directory.info(slot));
            }
            directory.free(slot);
            sequenceOfSlot[slot] = 0;
        }
        return slot;
    }

    private int oldestRecyclable() {
        boolean beyondBound = pins.pinnedSlots() > pinBound;
        for (int slot = ages.first(); slot != NONE; slot = ages.next(slot)) {
            if (!isRecyclable(slot)) {
                continue;
            }
            if (!pins.isPinned(slot) || (beyondBound && !pins.isUnderWay(slot))) {
                return slot;
            }
        }
        return NONE;
    }

    private int oldestAtAll() {
        for (int slot = ages.first(); slot != NONE; slot = ages.next(slot)) {
            if (isRecyclable(slot)) {
                return slot;
            }
        }
        return NONE;
    }

    private boolean isRecyclable(int slot) {
        return directory.state(slot) != SlotState.OPEN && readersOfSlot[slot] == 0;
    }

    /** See {@link Ring#beginReading}. */
    synchronized ReadingStart beginReading(int slot, long sequence) {
        if (sequence < 1 || sequenceOfSlot[slot] != sequence) {
            return ReadingStart.GONE;
        }
        if (readersOfSlot[slot] == 0) {
            if (slotsBeingRead >= Math.max(1, pinBound)) {
                return ReadingStart.LATER;
            }
            slotsBeingRead++;
        }
        readersOfSlot[slot]++;
        return ReadingStart.BEGUN;
    }

    /** See {@link Ring#endReading}. */
    synchronized void endReading(int slot) {
        if (--readersOfSlot[slot] == 0) {
            slotsBeingRead--;
            notifyAll();
        }
    }

    synchronized int slotsBeingRead() {
        return slotsBeingRead;
    }

    /** See {@link RecycledTimes#throughNs}. */
    synchronized Map<Integer, Long> recycledThroughNs() {
        return recycledTimes.throughNs();
    }

    /** Every slot that holds a chunk, oldest first. */
    synchronized List<SlotInfo> slots() {
        List<SlotInfo> slots = new ArrayList<>();
        for (int slot = ages.first(); slot != NONE; slot = ages.next(slot)) {
            if (directory.state(slot) != SlotState.FREE) {
                slots.add(directory.info(slot));
            }
        }
        if (!brokenChunks.isEmpty()) {
            slots.addAll(brokenChunks);
            slots.sort(Comparator.comparingLong(SlotInfo::sequence));
        }
        return slots;
    }

    /**
     * Pins what may hold a record of the window, for a session whose lease starts now.
     *
     * @return as {@link #slots}; those that {@link SlotInfo#mayHoldPartOf} the window are pinned
     */
    synchronized List<SlotInfo> pin(String session, long leaseNs, TimeWindow window) {
        List<SlotInfo> slots = slots();
        pins.lease(session, leaseNs, nanoClock.getAsLong());
        slots.replaceAll(slot -> slot.mayHoldPartOf(window) ? pins.pin(session, slot) : slot);
        return slots;
    }

    synchronized boolean renew(String session) {
        return pins.renew(session, nanoClock.getAsLong());
    }

    synchronized boolean holds(String session, long sequence) {
        return pins.holds(session, sequence);
    }

    synchronized boolean markUnderWay(String session, long sequence) {
        return pins.markUnderWay(session, sequence);
    }

    synchronized void unpin(String session, long sequence) {
        pins.unpin(session, sequence);
        notifyAll();
    }

    synchronized void unpinThrough(String session, long sequence) {
        pins.unpinThrough(session, sequence);
        notifyAll();
    }

    synchronized void release(String session) {
        pins.release(session);
        notifyAll();
    }

    synchronized List<SlotInfo> lost(String session) {
        return pins.lost(session);
    }

    /** Ends leases that have run out, also while nothing is written. */
    synchronized void expire() {
        pins.expire(nanoClock.getAsLong());
    }

    synchronized int pinnedSlots() {
        return pins.pinnedSlots();
    }

    /** Pinned chunks that were recycled all the same, since start. */
    synchronized long pinsGivenUp() {
        return pinsGivenUp;
    }

    /** Ends {@link #awaitUnready}. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
