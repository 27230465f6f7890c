package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A packet source, its ring, and a writer for each capture thread. The source can be replaced by a fresh one ({@link #restart}); ring and
 * counters go on.
 *
 * <p>Opening, restarting and closing block, one at a time; the rest is for any thread.
 */
final class PacketRecorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PacketRecorder.class);

    /** Capture threads that may be left behind, each with its socket, its kernel ring and a slot. */
    static final int MAX_STUCK_THREADS = 3;

    private final RingSpec spec;
    private final Supplier<PacketSource> sources;

    // Replaced whole by a restart; any thread reads.
    private volatile Ring ring;
    private volatile PacketSource source;
    private volatile List<RingWriter> writers;

    /** Writers of threads that got stuck. Nobody else may use them, and their slots stay theirs: the thread may wake up and write. */
    private volatile List<RingWriter> leftBehind = List.of();

    /** Of rings that were given up. */
    private volatile RecorderTotals totalsBefore = RecorderTotals.NONE;

    /** What the source has; what a fresh one starts with. */
    private volatile CaptureFilter filter;

    private boolean closed;

    private PacketRecorder(
            RingSpec spec,
            Ring ring,
            Supplier<PacketSource> sources,
            PacketSource source,
            List<RingWriter> writers,
            CaptureFilter filter) {
        this.filter = filter;
        this.spec = spec;
        this.ring = ring;
        this.sources = sources;
        this.source = source;
        this.writers = writers;
    }

    /** Opens the ring and starts a source with a filter: packets are being recorded when this returns. */
    static PacketRecorder start(RingSpec spec, Supplier<PacketSource> sources, CaptureFilter filter) {
        PacketSource source = opened(sources, filter);
        Ring ring;
        try {
            ring = Ring.open(spec);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
        PacketRecorder recorder =
                new PacketRecorder(spec, ring, sources, source, writers(ring, source.writers()), filter);
        try {
            recorder.checkSlots();
            source.start(List.<PacketSink>copyOf(recorder.writers));
            return recorder;
        } catch (RuntimeException e) {
            recorder.close();
            throw e;
        }
    }

    private static PacketSource opened(Supplier<PacketSource> sources, CaptureFilter filter) {
        PacketSource source = sources.get();
        try {
            if (!filter.isSettingAlone()) {
                source.filter(filter);
            }
            return source;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** Changes what is recorded; see {@link PacketSource#filter}. */
    synchronized long filter(CaptureFilter next) {
        long atNs = source.filter(next);
        filter = next;
        return atNs;
    }

    /** What is recorded. */
    CaptureFilter filter() {
        return filter;
    }

    private static List<RingWriter> writers(Ring ring, int count) {
        List<RingWriter> writers = new ArrayList<>(count);
        for (int number = 0; number < count; number++) {
            writers.add(ring.writer(number));
        }
        return writers;
    }

    private void checkSlots() {
        long slots = ring.usage().capacityBytes() / ring.spec().slotSize();
        if (slots <= writers.size()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The ring has slots="
                            + slots
                            + " for capture-threads="
                            + writers.size()
                            + "; each thread fills one of its own. Set a larger storage-size, a smaller slot-size or fewer threads.");
        }
    }

    /**
     * Closes the source and starts a fresh one, on the same ring, or on a new one where that has failed.
     *
     * @throws HindsightException where that cannot be done now; nothing is recorded then, and it may be tried again
     */
    synchronized void restart() {
        if (closed) {
            return;
        }
        source.close();
        if (source.liveThreads() == 0) {
            writers.forEach(RingWriter::close);
        } else {
            leaveBehind();
        }
        if (ring.failure().isPresent()) {
            replaceRing();
        }
        PacketSource fresh = opened(sources, filter);
        ring.resuming();
        try {
            fresh.start(List.<PacketSink>copyOf(writers));
        } catch (RuntimeException e) {
            fresh.close();
            throw e;
        }
        source = fresh;
        ring.resumed();
    }

    /** Which of the threads is stuck is not known, so none of their writers is used again. */
    private void leaveBehind() {
        if (leftBehind.size() + writers.size() > MAX_STUCK_THREADS) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "Capture threads got stuck again and again; limit="
                            + MAX_STUCK_THREADS
                            + " are left behind, and no more are started. Restart the agent.");
        }
        LOG.error("A capture thread is stuck and is left behind; others take over.");
        leftBehind = Stream.concat(leftBehind.stream(), writers.stream()).toList();
        writers = writers(ring, writers.size());
    }

    /** Sessions that read from the old ring keep it in memory, and are told what they lose. */
    private void replaceRing() {
        LOG.error("The ring is given up, and with it its history: {}", ring.failure().orElse(""));
        ring.close();
        try {
            Files.deleteIfExists(spec.file());
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "The failed ring file=" + spec.file() + " cannot be removed: " + e.getMessage(),
                    e);
        }
        Ring fresh = Ring.open(spec);
        totalsBefore = totals();
        leftBehind = List.of();
        writers = writers(fresh, writers.size());
        ring = fresh;
    }

    Ring ring() {
        return ring;
    }

    PacketSource source() {
        return source;
    }

    ExtractSource extractSource() {
        return new ExtractSource(ring, timeoutMs -> source.drain(timeoutMs), source.isLive());
    }

    /** Since start. */
    RecorderTotals totals() {
        RecorderTotals totals = totalsBefore;
        for (RingWriter writer : leftBehind) {
            totals = totals.plus(writer.counters());
        }
        for (RingWriter writer : writers) {
            totals = totals.plus(writer.counters());
        }
        return totals;
    }

    /** Stops the source, seals what is open, closes the ring. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            source.close();
        } catch (RuntimeException e) {
            LOG.error("The packet source could not be closed.", e);
        }
        if (source.liveThreads() == 0 && leftBehind.isEmpty()) {
            writers.forEach(RingWriter::close);
            ring.close();
        } else {
            // Unmapping the ring beneath a running thread would end the process. The next start recovers what is open.
            LOG.error("A capture thread is stuck: the ring is left open.");
        }
    }
}
