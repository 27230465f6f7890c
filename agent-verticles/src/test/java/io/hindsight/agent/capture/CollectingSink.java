package io.hindsight.agent.capture;

import io.hindsight.chunk.DropCause;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Keeps everything; shows what was committed. Can be made to stall. */
final class CollectingSink implements PacketSink {
    /** What a sink was given. */
    record Collected(CaptureInterface networkInterface, int direction, SeenPacket packet) {}

    private final List<Collected> pending = new ArrayList<>();
    private final List<Collected> committed = new ArrayList<>();
    private final AtomicLong kernelDrops = new AtomicLong();
    private volatile @Nullable CountDownLatch stall;

    /** Every call of {@link #packet} waits until the latch opens. */
    void stall(CountDownLatch latch) {
        stall = latch;
    }

    @Override
    public void packet(
            CaptureInterface networkInterface,
            long timestampNs,
            int direction,
            MemorySegment data,
            long offset,
            int capturedLength,
            int originalLength) {
        awaitStall();
        byte[] bytes = data.asSlice(offset, capturedLength).toArray(ValueLayout.JAVA_BYTE);
        collect(networkInterface, timestampNs, direction, bytes, originalLength);
    }

    @Override
    public void taggedPacket(
            CaptureInterface networkInterface,
            long timestampNs,
            int direction,
            MemorySegment data,
            long offset,
            int capturedLength,
            int originalLength,
            int tagOffset,
            int tpid,
            int tci) {
        byte[] untagged = data.asSlice(offset, capturedLength - 4L).toArray(ValueLayout.JAVA_BYTE);
        ByteBuffer tagged =
                ByteBuffer.allocate(capturedLength)
                        .put(untagged, 0, tagOffset)
                        .putShort((short) tpid)
                        .putShort((short) tci)
                        .put(untagged, tagOffset, untagged.length - tagOffset);
        collect(networkInterface, timestampNs, direction, tagged.array(), originalLength);
    }

    private void collect(
            CaptureInterface networkInterface, long timestampNs, int direction, byte[] bytes, int originalLength) {
        SeenPacket packet = new SeenPacket(timestampNs, originalLength, HexFormat.of().formatHex(bytes));
        pending.add(new Collected(networkInterface, direction, packet));
    }

    private void awaitStall() {
        CountDownLatch latch = stall;
        try {
            if (latch != null) {
                latch.await();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void dropped(DropCause cause, long count) {
        if (cause == DropCause.KERNEL) {
            kernelDrops.addAndGet(count);
        }
    }

    @Override
    public void faulted(long lost) {
        throw new AssertionError("lost=" + lost);
    }

    @Override
    public void commit() {
        synchronized (committed) {
            committed.addAll(pending);
        }
        pending.clear();
    }

    long kernelDrops() {
        return kernelDrops.get();
    }

    /** Everything committed so far, in the order in which it came. */
    List<Collected> committed() {
        synchronized (committed) {
            return List.copyOf(committed);
        }
    }

    /** The packets of {@link #committed()} that came from an interface of this name. */
    List<SeenPacket> packets(String interfaceName) {
        return committed().stream()
                .filter(each -> each.networkInterface().name().equals(interfaceName))
                .map(Collected::packet)
                .toList();
    }
}
