package io.hindsight.agent.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the slots that will be written next from the readers, and brings their pages into memory, writable and dirty, so that capture never
 * waits for a page, a block allocation or a disk read. One platform thread for each ring.
 */
final class SlotPreFaulter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SlotPreFaulter.class);

    private final SlotPool pool;
    private final IntFunction<MemorySegment> slots;
    private final Thread thread;

    /** {@code slots} gives a slot's memory by its number. */
    SlotPreFaulter(SlotPool pool, IntFunction<MemorySegment> slots) {
        this.pool = pool;
        this.slots = slots;
        this.thread = Thread.ofPlatform().name("hindsight-prefault").daemon().unstarted(this::run);
    }

    /** Where nothing is to be prepared, no thread starts: the ring is then written by its writers alone. */
    void start() {
        if (pool.preparesSlots()) {
            thread.start();
        }
    }

    private void run() {
        try {
            for (int slot = pool.awaitUnready(); slot != SlotPool.NONE; slot = pool.awaitUnready()) {
                prepare(slot);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.error("Pre-faulting has stopped; capture goes on and faults pages itself.", e);
        }
    }

    private void prepare(int slot) {
        MemorySegment memory = slots.apply(slot);
        try {
            if (!NativeMemory.populateForWriting(memory)) {
                touch(memory);
            }
        } catch (InternalError fault) { // how the JDK reports a page that cannot be had
            LOG.error("Slot {} of the ring cannot be had from its disk, and is not used again.", slot, fault);
            pool.quarantine(slot, false);
            return;
        }
        pool.ready(slot);
    }

    /** The portable way. What stood there is recycled, so a byte of it may go. */
    private static void touch(MemorySegment slot) {
        for (long page = 0; page < slot.byteSize(); page += RingGeometry.PAGE_SIZE) {
            slot.set(ValueLayout.JAVA_BYTE, page, (byte) 0);
        }
    }

    @Override
    public void close() {
        pool.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
