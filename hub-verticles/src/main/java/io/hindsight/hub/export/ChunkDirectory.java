package io.hindsight.hub.export;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockCursor;
import io.hindsight.pcapng.InterfaceDescription;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What the chunk headers of one data file say. The headers stand in the data itself, each giving the next one's place, and are covered by
 * their CRC: so an export trusts the data file alone and touches one page of each chunk to plan.
 */
final class ChunkDirectory {
    private final List<ChunkEntry> entries = new ArrayList<>();
    private final Map<DropCause, Long> drops = new EnumMap<>(DropCause.class);
    private final Map<DropCause, Long> packetDrops = new EnumMap<>(DropCause.class);
    private final Set<InterfaceDescription> interfaces = new LinkedHashSet<>();

    private ChunkDirectory() {}

    /**
     * @param shiftNs what is added to the file's times
     * @param chosen chunks whose interfaces and drops are wanted
     */
    static ChunkDirectory read(MappedFiles files, int file, long shiftNs, Predicate<ChunkEntry> chosen) {
        try {
            ChunkDirectory directory = new ChunkDirectory();
            MemorySegment segment = files.segment(file);
            for (long offset = 0; offset < segment.byteSize(); ) {
                offset += directory.add(file, segment, offset, shiftNs, chosen);
            }
            return directory;
        } catch (RuntimeException | InternalError e) {
            throw files.failure(file, e);
        }
    }

    private long add(int file, MemorySegment segment, long offset, long shiftNs, Predicate<ChunkEntry> chosen) {
        ChunkHeader header = ChunkHeaderCodec.read(segment, offset);
        long length = header.lengthBytes();
        if (length == ChunkHeader.LENGTH_UNKNOWN || length > segment.byteSize() - offset) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "The chunk at offset="
                            + offset
                            + " has length="
                            + length
                            + ", but "
                            + (segment.byteSize() - offset)
                            + " bytes are left.");
        }
        ChunkEntry entry = ChunkEntry.of(file, offset, header, shiftNs);
        entries.add(entry);
        if (chosen.test(entry)) {
            addDrops(header);
            addInterfaces(segment, offset, length);
        }
        return length;
    }

    private void addDrops(ChunkHeader header) {
        for (DropCause cause : DropCause.values()) {
            drops.merge(cause, header.dropped(cause), Long::sum);
            if (header.source() == ChunkSource.PACKETS) {
                packetDrops.merge(cause, header.dropped(cause), Long::sum);
            }
        }
    }

    /** Those that stand before the first record: as a rule all of them. */
    private void addInterfaces(MemorySegment segment, long offset, long length) {
        BlockCursor blocks = new BlockCursor(segment, ChunkVerifier.bodyOffset(segment, offset), offset + length);
        while (blocks.next() && blocks.type() == InterfaceDescriptionBlockDescriptor.TYPE) {
            interfaces.add(InterfaceDescription.read(segment, blocks.offset()));
        }
    }

    /** In file order. */
    List<ChunkEntry> entries() {
        return entries;
    }

    /** Of the chosen chunks, as far as they are described before the first record. */
    Set<InterfaceDescription> interfaces() {
        return interfaces;
    }

    /** Records lost while recording, by cause, of the chosen chunks. */
    Map<DropCause, Long> drops() {
        return drops;
    }

    /** The packets among them. */
    Map<DropCause, Long> packetDrops() {
        return packetDrops;
    }

    /**
     * Whether the file can be read front to back in order of time: no chunk starts before the one before it ended. Inside a chunk records
     * stand as the kernel handed them out.
     */
    boolean isInOrder() {
        long lastNs = Long.MIN_VALUE;
        for (ChunkEntry entry : entries) {
            if (entry.records() > 0) {
                if (entry.firstNs() < lastNs) {
                    return false;
                }
                lastNs = entry.lastNs();
            }
        }
        return true;
    }
}
