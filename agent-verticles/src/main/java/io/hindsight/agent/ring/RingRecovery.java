package io.hindsight.agent.ring;

import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.RecordScan;
import io.hindsight.error.HindsightException;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the rings of a crashed recorder whole again, before anybody uses them.
 *
 * <ul>
 *   <li>A sealed slot is kept if its chunk header is sound and is that of the sequence and length that the directory has; the rest of the
 *       directory's entry, which has no checksum, is made anew from the header, which has. The body is not read now (a ring may be larger
 *       than memory, and recording should start at once): its CRC is checked whenever it is sent.
 *   <li>An open slot is cut at its committed length. After a process crash the committed CRC proves these bytes. After a power cut the
 *       disk may hold newer directory pages than data pages; then the CRC does not match, and the chunk is cut before the first block that
 *       is broken, or that is a record outside the times that the directory has for the chunk: a remnant of the slot's previous use.
 *   <li>A slot whose entry has a sequence that no recorder reaches is freed: nothing of the entry can be believed, and recording could not
 *       go on after such a number. The loss shows as a missing sequence number.
 *   <li>What else cannot be kept is marked corrupt with its times, so that a snapshot tells the loss.
 * </ul>
 */
final class RingRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(RingRecovery.class);

    /** A million chunks a second for two thousand years. */
    private static final long MAX_SEQUENCE = 1L << 56;

    private final RingSpec spec;
    private final SlotDirectory directory;
    private final IntFunction<MemorySegment> slots;
    private final ChunkHeaderCodec codec;
    private int sealedChunks;
    private int recoveredChunks;
    private int corruptChunks;
    private long bytesCut;
    private long greatestSequence;

    RingRecovery(RingSpec spec, SlotDirectory directory, IntFunction<MemorySegment> slots, ChunkHeaderCodec codec) {
        this.spec = spec;
        this.directory = directory;
        this.slots = slots;
        this.codec = codec;
    }

    RecoveryReport run() {
        for (int slot = 0; slot < directory.slotCount(); slot++) {
            recoverOrMark(directory.info(slot));
        }
        return new RecoveryReport(sealedChunks, recoveredChunks, corruptChunks, bytesCut, greatestSequence);
    }

    private void recoverOrMark(SlotInfo slot) {
        try {
            recover(slot);
        } catch (InternalError fault) { // how the JDK reports a page that cannot be had
            markCorrupt(slot, "it cannot be had from the disk");
            greatestSequence = Math.max(greatestSequence, slot.sequence());
        }
    }

    private void recover(SlotInfo slot) {
        if (slot.state() == SlotState.FREE) {
            return;
        }
        if (slot.sequence() <= 0 || slot.sequence() > MAX_SEQUENCE) {
            free(slot);
            return;
        }
        switch (slot.state()) {
            case FREE -> {}
            // What was broken before, or by an unknown state alone, is whole if its header says so.
            case SEALED, CORRUPT -> checkSealed(slot);
            case OPEN -> closeTorn(slot);
        }
        greatestSequence = Math.max(greatestSequence, slot.sequence());
    }

    private void checkSealed(SlotInfo slot) {
        try {
            ChunkHeader header = ChunkHeaderCodec.read(slots.apply(slot.index()), 0);
            if (header.sequence() == slot.sequence()
                    && header.nodeIdHash() == spec.node().hash()
                    && header.source() == spec.source()
                    && header.lengthBytes() == slot.committedLength()) {
                directory.restore(slot.index(), header);
                sealedChunks++;
            } else {
                markCorrupt(slot, "its header is another chunk's");
            }
        } catch (HindsightException broken) {
            markCorrupt(slot, String.valueOf(broken.getMessage()));
        }
    }

    private void closeTorn(SlotInfo slot) {
        int bodyStart = codec.sectionHeaderLength();
        int committed = slot.committedLength();
        if (committed < 0 || committed > spec.slotSize()) {
            markCorrupt(slot, "its committed length=" + committed + " is not possible");
            return;
        }
        MemorySegment memory = slots.apply(slot.index());
        int length = committed <= bodyStart ? bodyStart : wholeLength(memory, slot);
        bytesCut += Math.max(0, committed - length);
        seal(memory, slot, length);
        recoveredChunks++;
    }

    private int wholeLength(MemorySegment memory, SlotInfo slot) {
        int bodyStart = codec.sectionHeaderLength();
        int committed = slot.committedLength();
        if (Crc32c.of(memory.asSlice(bodyStart, committed - bodyStart)) == slot.committedCrc()) {
            return committed;
        }
        long lastNs = Math.min(slot.lastTimestampNs(), Long.MAX_VALUE - 1);
        TimeWindow times =
                slot.firstTimestampNs() <= lastNs
                        ? new TimeWindow(slot.firstTimestampNs(), lastNs + 1)
                        : TimeWindow.ALL;
        return RecordScan.wholeLength(memory, bodyStart, committed, spec.source(), times);
    }

    private void seal(MemorySegment memory, SlotInfo slot, int length) {
        int bodyStart = codec.sectionHeaderLength();
        RecordScan scan = RecordScan.of(memory, bodyStart, length, TimeWindow.ALL);
        int flags = ChunkFlag.RECOVERED.mask() | (slot.flags() & ChunkFlag.CHECKPOINT.mask());
        int bodyCrc = Crc32c.of(memory.asSlice(bodyStart, length - bodyStart));
        ChunkHeader header =
                new ChunkHeader(
                        spec.source(),
                        flags,
                        slot.writer(),
                        scan.recordCount(),
                        spec.node().hash(),
                        slot.sequence(),
                        scan.firstTimestampNs(),
                        scan.lastTimestampNs(),
                        slot.drops(),
                        bodyCrc,
                        length);
        codec.write(memory, 0, header);
        directory.describe(slot.index(), scan.firstTimestampNs(), scan.lastTimestampNs(), scan.recordCount());
        directory.commit(slot.index(), length, bodyCrc);
        directory.settle(slot.index(), SlotState.SEALED, flags);
    }

    private void free(SlotInfo slot) {
        corruptChunks++;
        directory.free(slot.index());
        LOG.warn(
                "Slot {} of ring file={} is lost: its sequence={} is not possible.",
                slot.index(),
                spec.file(),
                slot.sequence());
    }

    private void markCorrupt(SlotInfo slot, String reason) {
        corruptChunks++;
        directory.settle(slot.index(), SlotState.CORRUPT, slot.flags());
        LOG.warn("The chunk sequence={} of ring file={} is lost: {}", slot.sequence(), spec.file(), reason);
    }
}
