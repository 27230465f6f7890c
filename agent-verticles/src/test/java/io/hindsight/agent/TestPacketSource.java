package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.SourceCounters;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A source whose packets the test puts in, from one thread. */
final class TestPacketSource implements PacketSource {
    private volatile List<PacketSink> sinks = List.of();
    private volatile List<CaptureInterface> interfaces = List.of(TestPackets.ETH0);
    private volatile @Nullable String failure;
    private volatile @Nullable CaptureFilter filter;
    private volatile @Nullable HindsightException refusal;
    private volatile boolean closed;

    void put(Packet packet) {
        sinks.getFirst()
                .packet(TestPackets.ETH0, packet.timestampNs(), 1, segment(packet), 0, length(packet), length(packet));
    }

    private static java.lang.foreign.MemorySegment segment(Packet packet) {
        return java.lang.foreign.MemorySegment.ofBuffer(packet.data());
    }

    private static int length(Packet packet) {
        return packet.data().remaining();
    }

    void commit() {
        sinks.getFirst().commit();
    }

    void fail(String reason) {
        failure = reason;
    }

    void captureFrom(List<CaptureInterface> captured) {
        interfaces = captured;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public int writers() {
        return 1;
    }

    @Override
    public void start(List<PacketSink> newSinks) {
        sinks = newSinks;
    }

    @Override
    public long filter(CaptureFilter next) {
        HindsightException why = refusal;
        if (why != null) {
            throw why;
        }
        filter = next;
        return EpochNanos.of(Instant.now());
    }

    /** What it was told last; null: nothing. */
    @Nullable CaptureFilter filter() {
        return filter;
    }

    /** Takes no filter from now on, or takes them again. */
    void refuse(@Nullable HindsightException why) {
        refusal = why;
    }

    @Override
    public SourceCounters counters() {
        return new SourceCounters(0, 0, 0, failure == null, failure, false, interfaces);
    }

    @Override
    public boolean drain(long timeoutMs) {
        return true;
    }

    @Override
    public int liveThreads() {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
    }
}
