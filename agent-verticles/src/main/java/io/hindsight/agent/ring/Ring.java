package io.hindsight.agent.ring;

import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recent past of one source: a fixed number of slots in one preallocated, mapped file, each holding one chunk. Writers fill slots; the
 * oldest are recycled, unless a session has pinned them; readers see what is committed. The file never grows.
 *
 * <p>Memory order: a writer puts bytes into its slot, then publishes length, CRC, times and counts by a release store in the slot directory
 * ({@link SlotEntryDescriptor}). A reader acquires these, pins the slot ({@link #pin}), and reads between {@link #beginReading} and
 * {@link #endReading}: nobody touches the committed bytes meanwhile. A pin alone may be given up at any time.
 *
 * <p>Why a mapped file and not {@code write(2)}: one copy for each packet and no system call, and a crash of the process loses nothing,
 * because the page cache outlives it. What it costs, and how it is met: page faults (the {@link SlotPreFaulter} takes them), sparse files
 * (allocated for real at start), torn chunks (recovered by length and CRC at the next start).
 *
 * <p>Thread-safe, except that each {@link RingWriter} belongs to one thread.
 */
public final class Ring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ring.class);
    private static final int RETENTION_SHARE_FOR_READY_SLOTS = 16;

    private final RingSpec spec;
    private final Clock clock;
    private final RingFile file;
    private final SlotDirectory directory;
    private final SlotPool pool;
    private final SlotPreFaulter preFaulter;
    private final RunTable runs;
    private volatile int run;
    private volatile boolean directoryFailed;

    /** Open chunks up to this sequence are sealed at their writers' next commit. */
    private volatile long sealThrough;

    private final ChunkHeaderCodec codec;
    private final RecoveryReport recovery;

    private Ring(RingSpec spec, RingOptions options, RingFile file) {
        this.spec = spec;
        this.clock = options.clock();
        this.file = file;
        this.directory = new SlotDirectory(file.directory());
        this.codec = new ChunkHeaderCodec(spec.node(), spec.application());
        this.recovery =
                file.created() ? RecoveryReport.NOTHING : new RingRecovery(spec, directory, file::slot, codec).run();
        this.runs = new RunTable(file.header());
        this.run = runs.begin(EpochNanos.of(clock.instant()));
        int slotCount = file.geometry().slotCount();
        this.pool =
                new SlotPool(
                        directory,
                        run,
                        recovery.greatestSequence() + 1,
                        (int) (slotCount * options.pinnedShare()),
                        Math.min(options.readySlots(), slotCount / RETENTION_SHARE_FOR_READY_SLOTS),
                        options.nanoClock());
        this.preFaulter = new SlotPreFaulter(pool, file::slot);
    }

    /** Opens or makes the ring with the usual options. May block for as long as the file system takes to allocate it: use a worker. */
    public static Ring open(RingSpec spec) {
        return open(spec, RingOptions.DEFAULTS);
    }

    /**
     * Opens or makes the ring; one that is there is recovered first.
     *
     * @throws io.hindsight.error.HindsightException INSUFFICIENT_STORAGE with needed and free bytes; WRONG_STATE where another agent has it
     *     open; IO_FAILED
     */
    public static Ring open(RingSpec spec, RingOptions options) {
        RingFile file = RingFile.open(spec, options.clock());
        Ring ring = new Ring(spec, options, file);
        ring.preFaulter.start();
        LOG.info(
                "The ring file={} has slots={} of bytes={}, run={}; found: {}.",
                spec.file(),
                file.geometry().slotCount(),
                file.geometry().slotSize(),
                ring.run,
                ring.recovery);
        return ring;
    }

    /** A writer for one thread; {@code number} tells its chunks from others' and is the same at every start. */
    public RingWriter writer(int number) {
        return new RingWriter(this, number);
    }

    /** What it is. */
    public RingSpec spec() {
        return spec;
    }

    /** When the ring was made, since the epoch: tells it from another that takes its place. */
    public long createdNs() {
        return RingHeader.createdNs(file.header());
    }

    /** What was found when it was opened. */
    public RecoveryReport recovery() {
        return recovery;
    }

    /** Writes and reads this ring's chunk headers. */
    public ChunkHeaderCodec codec() {
        return codec;
    }

    /** A slot's memory. Read only what is committed, and only while it is pinned. */
    public MemorySegment slot(int index) {
        return file.slot(index);
    }

    /** Slots altogether. */
    public int slotCount() {
        return file.geometry().slotCount();
    }

    /**
     * Has writers seal what they have open up to this sequence, each at its next commit: a writer that has nothing to do would hold up a reader who takes chunks in
     * their order while the others go on. At most one slot of each writer is left part empty.
     */
    public void sealThrough(long sequence) {
        sealThrough = Math.max(sealThrough, sequence);
    }

    long sealThrough() {
        return sealThrough;
    }

    /** Every chunk in the ring, oldest first. */
    public List<SlotInfo> slots() {
        return pool.slots();
    }

    /** By the number of its writer, the last time of a record that may have been recycled; writers that have lost nothing are absent. */
    public Map<Integer, Long> recycledThroughNs() {
        return pool.recycledThroughNs();
    }

    /** When the recorder ran, oldest first; the last one is the present run, alive now. */
    public List<RecorderRun> recorderRuns() {
        return runs.runs();
    }

    /** Notes that what happens is being recorded: once a second, but not while capture stands still. Any one thread. */
    public void recording() {
        try {
            runs.alive(run, EpochNanos.of(clock.instant()));
        } catch (InternalError fault) {
            directoryFailed(fault);
        }
    }

    /** Capture is about to begin again after it stood still: slots that are taken from now on belong to its next run. Any one thread. */
    public void resuming() {
        pool.run(runs.next());
    }

    /** Capture has begun again: what lies between is a gap, like that between two recorders. Any one thread. */
    public void resumed() {
        run = runs.begin(EpochNanos.of(clock.instant()));
    }

    /** Ends leases that have run out: once a second. */
    public void tick() {
        pool.expire();
    }

    /** Fill and times, for the status. */
    public RingUsage usage() {
        try {
            return RingUsage.of(directory, file.geometry(), pool.pinnedSlots(), pool.pinsGivenUp());
        } catch (InternalError fault) {
            directoryFailed(fault);
            return RingUsage.unknown(file.geometry());
        }
    }

    /** A writer met memory that cannot be had: its open slot's, or, where it has none, the directory's. */
    void failed(int slot) {
        try {
            if (slot == SlotPool.NONE) {
                directory.state(0);
            } else {
                LOG.error(
                        "Slot {} of the ring file={} cannot be had from its disk, and is not used again.",
                        slot,
                        spec.file());
                pool.quarantine(slot, true);
            }
        } catch (InternalError fault) {
            directoryFailed(fault);
        }
    }

    private void directoryFailed(InternalError fault) {
        if (!directoryFailed) {
            directoryFailed = true;
            LOG.error("The directory of the ring file={} cannot be had from its disk.", spec.file(), fault);
        }
    }

    /** Why this ring can no longer be recorded into, a whole sentence; empty while it can. Half of its slots may be lost. */
    public Optional<String> failure() {
        int broken = pool.brokenSlots();
        if (directoryFailed) {
            return Optional.of("The ring file=" + spec.file() + " failed: its directory cannot be had from the disk.");
        }
        return broken > file.geometry().slotCount() / 2
                ? Optional.of(
                        "The ring file="
                                + spec.file()
                                + " failed: slots="
                                + broken
                                + " of "
                                + file.geometry().slotCount()
                                + " cannot be had from the disk.")
                : Optional.empty();
    }

    /**
     * Pins, for a session whose lease starts now, every slot that may hold a record of the window.
     *
     * @return every chunk in the ring, oldest first; those that {@link SlotInfo#mayHoldPartOf} the window are pinned
     */
    public List<SlotInfo> pin(String session, Duration lease, TimeWindow window) {
        return pool.pin(session, lease.toNanos(), window);
    }

    /** Starts the session's lease anew; false where it has ended. */
    public boolean renew(String session) {
        return pool.renew(session);
    }

    /** Whether the session's pin of the chunk has held until now. */
    public boolean holds(String session, long sequence) {
        return pool.holds(session, sequence);
    }

    /** The chunk is about to be read by somebody else: of all pins, it is given up last. False where the pin is lost already. */
    public boolean markUnderWay(String session, long sequence) {
        return pool.markUnderWay(session, sequence);
    }

    /**
     * Begins to read a slot's memory where it lies: however pins end meanwhile, it is not recycled until {@link #endReading}. What is read is what the Hub
     * writes and hashes, more than once and at different times.
     *
     * @param slot index of the slot
     * @param sequence of the chunk it is to hold
     */
    public ReadingStart beginReading(int slot, long sequence) {
        return pool.beginReading(slot, sequence);
    }

    /** Ends what {@link #beginReading} began; once for each time. */
    public void endReading(int slot) {
        pool.endReading(slot);
    }

    /** Slots whose memory is being read where it lies. */
    public int slotsBeingRead() {
        return pool.slotsBeingRead();
    }

    /** Ends one pin. */
    public void unpin(String session, long sequence) {
        pool.unpin(session, sequence);
    }

    /** Ends the session's pins up to and with this sequence. */
    public void unpinThrough(String session, long sequence) {
        pool.unpinThrough(session, sequence);
    }

    /** Ends all of the session's pins, and forgets it. Idempotent. */
    public void release(String session) {
        pool.release(session);
    }

    /** The chunks whose pins the session has lost, oldest first. */
    public List<SlotInfo> lost(String session) {
        return pool.lost(session);
    }

    /** Writers must have been closed before. Readers keep what they hold. */
    @Override
    public void close() {
        preFaulter.close();
        recording();
        file.close();
    }

    SlotDirectory directory() {
        return directory;
    }

    SlotPool pool() {
        return pool;
    }

    /**
     * What tests and special rings set otherwise.
     *
     * @param pinnedShare of the slots that recycling passes over while they are pinned, 0 to 1
     * @param readySlots kept ready ahead of the writers, as far as they are at most a sixteenth of the ring; 0: no pre-faulting
     * @param clock wall clock, for the run table
     * @param nanoClock for leases
     */
    public record RingOptions(double pinnedShare, int readySlots, Clock clock, LongSupplier nanoClock) {
        /** Half the ring, eight slots, the system's clocks. */
        public static final RingOptions DEFAULTS = new RingOptions(0.5, 8, Clock.systemUTC(), System::nanoTime);
    }
}
