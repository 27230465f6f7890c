package io.hindsight.agent.ring;

import static io.hindsight.pcapng.EnhancedPacketBlockDescriptor.DATA_OFFSET;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.PacketSink;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.DropCause;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceBlocks;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Fills slots with records, each copied once, and seals a slot when the next record does not fit. Takes its first slot when the first
 * record comes, so that a quiet writer holds none. For each record: no allocation, no system call, no lock; for each chunk: one short lock.
 *
 * <p>The CRC runs along with {@link #commit}, over bytes that are still in the processor's cache, and is published with the length.
 *
 * <p>Thread-confined: every method but {@link #counters} belongs to one thread; {@link #close} to whoever has seen that thread end.
 */
public final class RingWriter implements PacketSink, AutoCloseable {
    private static final int TAG_LENGTH = 4;
    private static final int NO_SLOT = SlotPool.NONE;

    private final Ring ring;
    private final SlotDirectory directory;
    private final int number;
    private final int slotSize;
    private final int bodyStart;
    private final ChunkInterfaces interfaces = new ChunkInterfaces();
    private final CRC32C bodyCrc = new CRC32C();
    private final long[] dropsSinceChunk = new long[DropCause.values().length];
    private final WriterCounters counters = new WriterCounters();

    // The open chunk; slot == NO_SLOT: there is none.
    private int slot = NO_SLOT;
    private long sequence;
    private MemorySegment memory = MemorySegment.NULL;
    private ByteBuffer memoryBytes = ByteBuffer.allocate(0);
    private int position;
    private int committed;
    private int recordCount;
    private int flags;
    private long firstTimestampNs;
    private long lastTimestampNs;

    /** {@link ChunkFlag} masks of the chunk that is opened next. */
    private int nextFlags;

    // Since this writer was made.
    private long totalRecords;
    private long totalCapturedBytes;
    private long totalRingBytes;

    RingWriter(Ring ring, int number) {
        this.ring = ring;
        this.directory = ring.directory();
        this.number = number;
        this.slotSize = ring.spec().slotSize();
        this.bodyStart = ring.codec().sectionHeaderLength();
    }

    /** Totals, for any thread. */
    public WriterCounters counters() {
        return counters;
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
        int interfaceNumber = makeRoom(networkInterface, EnhancedPacketBlockDescriptor.encodedLength(capturedLength));
        if (interfaceNumber == ChunkInterfaces.ABSENT) {
            return;
        }
        int length =
                EnhancedPacketBlock.writeFrame(
                        memory, position, interfaceNumber, timestampNs, capturedLength, originalLength, direction);
        MemorySegment.copy(data, offset, memory, position + DATA_OFFSET, capturedLength);
        packetWritten(interfaceNumber, timestampNs, length, capturedLength);
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
        int interfaceNumber = makeRoom(networkInterface, EnhancedPacketBlockDescriptor.encodedLength(capturedLength));
        if (interfaceNumber == ChunkInterfaces.ABSENT) {
            return;
        }
        int length =
                EnhancedPacketBlock.writeFrame(
                        memory, position, interfaceNumber, timestampNs, capturedLength, originalLength, direction);
        long target = (long) position + DATA_OFFSET;
        MemorySegment.copy(data, offset, memory, target, tagOffset);
        // In network byte order.
        memory.set(LittleEndian.U16, target + tagOffset, Short.reverseBytes((short) tpid));
        memory.set(LittleEndian.U16, target + tagOffset + Short.BYTES, Short.reverseBytes((short) tci));
        int rest = capturedLength - TAG_LENGTH - tagOffset;
        MemorySegment.copy(data, offset + tagOffset, memory, target + tagOffset + TAG_LENGTH, rest);
        packetWritten(interfaceNumber, timestampNs, length, capturedLength);
    }

    private void packetWritten(int interfaceNumber, long timestampNs, int length, int capturedLength) {
        interfaces.countPacket(interfaceNumber);
        recordWritten(timestampNs, length, capturedLength);
    }

    /** The next record opens a chunk of its own, which carries {@link ChunkFlag#CHECKPOINT}. */
    public void beginCheckpoint() {
        seal();
        nextFlags = ChunkFlag.CHECKPOINT.mask();
    }

    /** The longest entry that {@link #journalEntry} takes, in bytes. */
    public int maxEntryLength() {
        return slotSize - bodyStart - BlockDescriptor.MIN_LENGTH;
    }

    /**
     * Appends one event as a systemd Journal Export Block. One that does not fit into any chunk is counted, not thrown.
     *
     * @param timestampNs since the epoch; the entry's {@code HINDSIGHT_TIME_NS}
     * @param entry in the Journal Export Format, its last newline included
     */
    public void journalEntry(long timestampNs, byte[] entry) {
        int length = BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(entry.length);
        if (!makeRoom(length)) {
            return;
        }
        long entryOffset = (long) position + JournalExportBlockDescriptor.ENTRY_OFFSET;
        // The last word holds the entry's end and padding; what belongs there is written after this.
        memory.set(LittleEndian.U32, position + length - BlockDescriptor.TRAILER_LENGTH - BlockDescriptor.ALIGNMENT, 0);
        memory.set(LittleEndian.U32, position, JournalExportBlockDescriptor.TYPE);
        memory.set(LittleEndian.U32, position + BlockDescriptor.TOTAL_LENGTH_OFFSET, length);
        MemorySegment.copy(entry, 0, memory, ValueLayout.JAVA_BYTE, entryOffset, entry.length);
        memory.set(LittleEndian.U32, position + length - BlockDescriptor.TRAILER_LENGTH, length);
        recordWritten(timestampNs, length, entry.length);
    }

    private void recordWritten(long timestampNs, int length, int capturedLength) {
        position += length;
        recordCount++;
        firstTimestampNs = Math.min(firstTimestampNs, timestampNs);
        lastTimestampNs = Math.max(lastTimestampNs, timestampNs);
        totalRecords++;
        totalCapturedBytes += capturedLength;
    }

    /** Makes room for a packet block; the interface is described. Its number in the chunk, or ABSENT where the packet was counted as lost. */
    private int makeRoom(CaptureInterface networkInterface, int length) {
        int interfaceNumber = interfaces.number(networkInterface);
        if (interfaceNumber != ChunkInterfaces.ABSENT && fits(length)) {
            return interfaceNumber;
        }
        byte[] description = interfaces.description(networkInterface);
        int lengthWithInterface = length + description.length + InterfaceBlocks.maxStatisticsLength();
        boolean described = interfaceNumber != ChunkInterfaces.ABSENT;
        if ((described || !fits(lengthWithInterface)) && !makeRoomInNextChunk(lengthWithInterface)) {
            return ChunkInterfaces.ABSENT;
        }
        MemorySegment.copy(description, 0, memory, ValueLayout.JAVA_BYTE, position, description.length);
        position += description.length;
        return interfaces.add(networkInterface);
    }

    private boolean makeRoom(int length) {
        return fits(length) || makeRoomInNextChunk(length);
    }

    private boolean fits(int length) {
        return slot != NO_SLOT && position + length + statisticsRoom() <= slotSize;
    }

    private int statisticsRoom() {
        return interfaces.count() * InterfaceBlocks.maxStatisticsLength();
    }

    private boolean makeRoomInNextChunk(int length) {
        if (length > slotSize - bodyStart) {
            dropped(DropCause.OVERSIZE, 1);
            return false;
        }
        seal();
        slot = ring.pool().take(number);
        if (slot == NO_SLOT) {
            dropped(DropCause.RING, 1);
            return false;
        }
        begin();
        return true;
    }

    private void begin() {
        sequence = directory.sequence(slot);
        flags = nextFlags;
        nextFlags = 0;
        directory.flags(slot, flags);
        memory = ring.slot(slot);
        memoryBytes = memory.asByteBuffer();
        ring.codec()
                .write(
                        memory,
                        0,
                        header(ChunkFlag.OPEN_PREFIX.mask() | flags, ChunkHeader.NO_DROPS, ChunkHeader.LENGTH_UNKNOWN));
        interfaces.reset();
        bodyCrc.reset();
        position = bodyStart;
        committed = bodyStart;
        recordCount = 0;
        firstTimestampNs = Long.MAX_VALUE;
        lastTimestampNs = Long.MIN_VALUE;
    }

    @Override
    public void dropped(DropCause cause, long count) {
        dropsSinceChunk[cause.position()] += count;
        counters.drop(cause, count);
        if (slot != NO_SLOT) {
            // At once: on a link that has gone quiet no commit follows, and a snapshot must not miss the loss.
            directory.drops(slot, cause.position(), dropsSinceChunk[cause.position()]);
        }
    }

    @Override
    public void faulted(long lost) {
        long uncommitted = totalRecords - counters.records();
        totalRecords = counters.records();
        totalCapturedBytes = counters.capturedBytes();
        totalRingBytes = counters.ringBytes();
        int failedSlot = slot;
        slot = NO_SLOT;
        ring.failed(failedSlot);
        dropped(DropCause.RING, uncommitted + lost);
    }

    @Override
    public void commit() {
        commitRecords();
        if (slot != NO_SLOT && recordCount > 0 && sequence <= ring.sealThrough()) {
            seal();
        }
    }

    private void commitRecords() {
        if (slot == NO_SLOT || position == committed) {
            return;
        }
        directory.describe(slot, firstTimestampNs, lastTimestampNs, recordCount);
        for (int cause = 0; cause < dropsSinceChunk.length; cause++) {
            directory.drops(slot, cause, dropsSinceChunk[cause]);
        }
        publish();
    }

    private void publish() {
        Crc32c.touch(memory, committed, position);
        bodyCrc.update(memoryBytes.limit(position).position(committed));
        totalRingBytes += position - committed;
        committed = position;
        directory.commit(slot, committed, (int) bodyCrc.getValue());
        counters.publish(totalRecords, totalCapturedBytes, totalRingBytes);
    }

    /** Ends the open chunk, if there is one: statistics, header, state. */
    void seal() {
        if (slot == NO_SLOT) {
            return;
        }
        writeStatistics();
        commitRecords();
        ring.codec().write(memory, 0, header(flags, drops(), committed));
        directory.settle(slot, SlotState.SEALED, flags);
        Arrays.fill(dropsSinceChunk, 0);
        slot = NO_SLOT;
    }

    /** The chunk's drops are the writer's, not an interface's: the first interface's statistics carry them, so that sums are right. */
    private void writeStatistics() {
        for (int index = 0; index < interfaces.count(); index++) {
            long inKernel = index == 0 ? dropsSinceChunk[DropCause.KERNEL.position()] : 0;
            long inRecorder =
                    index == 0
                            ? dropsSinceChunk[DropCause.RING.position()]
                                    + dropsSinceChunk[DropCause.OVERSIZE.position()]
                                    + dropsSinceChunk[DropCause.RATE_LIMIT.position()]
                            : 0;
            position +=
                    InterfaceBlocks.writeStatistics(
                            memory, position, index, lastTimestampNs, interfaces.received(index), inKernel, inRecorder);
        }
    }

    private List<Long> drops() {
        List<Long> drops = new ArrayList<>(ChunkHeader.NO_DROPS);
        for (DropCause cause : DropCause.values()) {
            drops.set(cause.position(), dropsSinceChunk[cause.position()]);
        }
        return drops;
    }

    private ChunkHeader header(int flags, List<Long> drops, long lengthBytes) {
        boolean open = lengthBytes == ChunkHeader.LENGTH_UNKNOWN;
        return new ChunkHeader(
                ring.spec().source(),
                flags,
                number,
                open ? 0 : recordCount,
                ring.spec().node().hash(),
                sequence,
                open || recordCount == 0 ? 0 : firstTimestampNs,
                open || recordCount == 0 ? 0 : lastTimestampNs,
                drops,
                open ? 0 : (int) bodyCrc.getValue(),
                lengthBytes);
    }

    /** Seals the open chunk. What was appended is committed. Idempotent. */
    @Override
    public void close() {
        try {
            seal();
        } catch (InternalError fault) { // how the JDK reports a page that cannot be had
            faulted(0);
        }
    }
}
