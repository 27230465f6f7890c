package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.SlotEntryDescriptor.COMMITTED_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.DROPS_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.FIRST_TIMESTAMP_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.FLAGS_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.LAST_TIMESTAMP_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.RECORD_COUNT_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.RUN_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.SEQUENCE_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.STATE_OFFSET;
import static io.hindsight.agent.ring.SlotEntryDescriptor.WRITER_OFFSET;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderDescriptor;
import io.hindsight.chunk.DropCause;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads and writes the slot directory in the mapped file, with the memory order that {@link SlotEntryDescriptor} tells.
 *
 * <p>Who writes an entry: the {@link SlotPool}, under its lock, while the slot is handed out or taken back; between these, only the writer
 * that owns the slot. Anybody reads.
 */
final class SlotDirectory {
    private static final VarHandle LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final long LOWER_HALF = 0xFFFF_FFFFL;

    private final MemorySegment entries;
    private final int slotCount;

    SlotDirectory(MemorySegment entries) {
        this.entries = entries;
        this.slotCount = Math.toIntExact(entries.byteSize() / SlotEntryDescriptor.LENGTH);
    }

    int slotCount() {
        return slotCount;
    }

    private static long at(int slot, int field) {
        return (long) slot * SlotEntryDescriptor.LENGTH + field;
    }

    /** The slot may be overwritten from now on; what it held can no longer be found. */
    void free(int slot) {
        INT.setRelease(entries, at(slot, STATE_OFFSET), SlotState.FREE.code());
        VarHandle.fullFence();
    }

    /** The slot belongs to a writer, and nothing is committed. */
    void open(int slot, long sequence, int writer, int run) {
        LONG.setOpaque(entries, at(slot, COMMITTED_OFFSET), 0L);
        describe(slot, Long.MAX_VALUE, Long.MIN_VALUE, 0);
        for (int cause = 0; cause < ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY; cause++) {
            drops(slot, cause, 0);
        }
        SHORT.setOpaque(entries, at(slot, WRITER_OFFSET), (short) writer);
        SHORT.setOpaque(entries, at(slot, FLAGS_OFFSET), (short) 0);
        INT.setOpaque(entries, at(slot, RUN_OFFSET), run);
        LONG.setOpaque(entries, at(slot, SEQUENCE_OFFSET), sequence);
        INT.setRelease(entries, at(slot, STATE_OFFSET), SlotState.OPEN.code());
    }

    /** Flags of the chunk that is being filled; before its first {@link #commit}. */
    void flags(int slot, int flags) {
        SHORT.setOpaque(entries, at(slot, FLAGS_OFFSET), (short) flags);
    }

    /** Times and count of what the next {@link #commit} will cover. */
    void describe(int slot, long firstTimestampNs, long lastTimestampNs, int recordCount) {
        LONG.setOpaque(entries, at(slot, FIRST_TIMESTAMP_OFFSET), firstTimestampNs);
        LONG.setOpaque(entries, at(slot, LAST_TIMESTAMP_OFFSET), lastTimestampNs);
        INT.setOpaque(entries, at(slot, RECORD_COUNT_OFFSET), recordCount);
    }

    /** A drop counter, saturating at 32 bits. */
    void drops(int slot, int cause, long count) {
        INT.setOpaque(entries, at(slot, DROPS_OFFSET + cause * Integer.BYTES), (int) Math.min(count, LOWER_HALF));
    }

    /** Publishes the slot's first {@code length} bytes. */
    void commit(int slot, int length, int bodyCrc) {
        LONG.setRelease(entries, at(slot, COMMITTED_OFFSET), ((long) bodyCrc << Integer.SIZE) | length);
    }

    /** The slot holds a whole chunk, or what is left of one. */
    void settle(int slot, SlotState state, int flags) {
        SHORT.setOpaque(entries, at(slot, FLAGS_OFFSET), (short) flags);
        INT.setRelease(entries, at(slot, STATE_OFFSET), state.code());
    }

    /** Makes the entry of a sealed slot anew from its chunk's header; before anybody else sees the directory. Sequence and run stay. */
    void restore(int slot, ChunkHeader header) {
        describe(slot, header.firstTimestampNs(), header.lastTimestampNs(), header.recordCount());
        for (int cause = 0; cause < ChunkHeaderDescriptor.DROP_CAUSE_CAPACITY; cause++) {
            drops(slot, cause, header.drops().get(cause));
        }
        SHORT.setOpaque(entries, at(slot, WRITER_OFFSET), (short) header.writer());
        commit(slot, Math.toIntExact(header.lengthBytes()), header.bodyCrc());
        settle(slot, SlotState.SEALED, header.flags());
    }

    SlotState state(int slot) {
        return SlotState.ofCode((int) INT.getAcquire(entries, at(slot, STATE_OFFSET)));
    }

    long sequence(int slot) {
        return (long) LONG.getOpaque(entries, at(slot, SEQUENCE_OFFSET));
    }

    int committedLength(int slot) {
        return (int) (long) LONG.getAcquire(entries, at(slot, COMMITTED_OFFSET));
    }

    int recordCount(int slot) {
        return (int) INT.getOpaque(entries, at(slot, RECORD_COUNT_OFFSET));
    }

    long firstTimestampNs(int slot) {
        return (long) LONG.getOpaque(entries, at(slot, FIRST_TIMESTAMP_OFFSET));
    }

    long lastTimestampNs(int slot) {
        return (long) LONG.getOpaque(entries, at(slot, LAST_TIMESTAMP_OFFSET));
    }

    /** The whole entry. The caller holds the pool's lock, or nobody writes. */
    SlotInfo info(int slot) {
        SlotState state = state(slot);
        long committed = (long) LONG.getAcquire(entries, at(slot, COMMITTED_OFFSET));
        return new SlotInfo(
                slot,
                sequence(slot),
                state,
                (int) committed,
                (int) (committed >>> Integer.SIZE),
                firstTimestampNs(slot),
                lastTimestampNs(slot),
                recordCount(slot),
                Short.toUnsignedInt((short) SHORT.getOpaque(entries, at(slot, WRITER_OFFSET))),
                Short.toUnsignedInt((short) SHORT.getOpaque(entries, at(slot, FLAGS_OFFSET))),
                (int) INT.getOpaque(entries, at(slot, RUN_OFFSET)),
                allDrops(slot));
    }

    private List<Long> allDrops(int slot) {
        List<Long> drops = new ArrayList<>(ChunkHeader.NO_DROPS);
        for (DropCause cause : DropCause.values()) {
            long offset = at(slot, DROPS_OFFSET + cause.position() * Integer.BYTES);
            drops.set(cause.position(), Integer.toUnsignedLong((int) INT.getOpaque(entries, offset)));
        }
        return drops;
    }
}
