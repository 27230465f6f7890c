package io.hindsight.agent;

import io.hindsight.agent.capture.PacketSink;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.extract.ExtractSource;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingSpec;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.DropCause;
import io.hindsight.config.AgentConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A packet source, its ring, and a writer for each capture thread. Opening and closing block; the rest is for any thread. */
final class PacketRecorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PacketRecorder.class);

    private final Ring ring;
    private final PacketSource source;
    private final List<RingWriter> writers;

    private PacketRecorder(Ring ring, PacketSource source, List<RingWriter> writers) {
        this.ring = ring;
        this.source = source;
        this.writers = writers;
    }

    /** Opens the ring and starts the source: packets are being recorded when this returns. Takes over the source. */
    static PacketRecorder start(AgentConfig config, PacketSource source, String application) {
        Ring ring;
        try {
            ring =
                    Ring.open(
                            new RingSpec(
                                    RingSpec.fileIn(config.ringDirectory(), ChunkSource.PACKETS),
                                    config.node(),
                                    ChunkSource.PACKETS,
                                    config.storageSize().bytes(),
                                    Math.toIntExact(config.slotSize().bytes()),
                                    application));
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
        PacketRecorder recorder = new PacketRecorder(ring, source, writers(ring, source.writers()));
        try {
            recorder.checkSlots();
            source.start(List.<PacketSink>copyOf(recorder.writers));
            return recorder;
        } catch (RuntimeException e) {
            recorder.close();
            throw e;
        }
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

    Ring ring() {
        return ring;
    }

    PacketSource source() {
        return source;
    }

    ExtractSource extractSource() {
        return new ExtractSource(ring, source::drain);
    }

    long records() {
        return sum(writer -> writer.counters().records());
    }

    long capturedBytes() {
        return sum(writer -> writer.counters().capturedBytes());
    }

    long ringBytes() {
        return sum(writer -> writer.counters().ringBytes());
    }

    /** Since start, by label; every cause is there. */
    Map<String, Long> drops() {
        Map<String, Long> drops = new HashMap<>();
        for (DropCause cause : DropCause.values()) {
            drops.put(cause.label(), sum(writer -> writer.counters().drops(cause)));
        }
        return drops;
    }

    private long sum(ToLongFunction<RingWriter> counter) {
        return writers.stream().mapToLong(counter).sum();
    }

    /** Stops the source, seals what is open, closes the ring. */
    @Override
    public void close() {
        try {
            source.close();
        } catch (RuntimeException e) {
            LOG.error("The packet source could not be closed.", e);
        } finally {
            writers.forEach(RingWriter::close);
            ring.close();
        }
    }
}
