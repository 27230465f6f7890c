package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.RingHeaderDescriptor.CRC_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.CREATED_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.MAGIC_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.NODE_ID_HASH_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.SLOT_COUNT_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.SLOT_SIZE_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.SOURCE_OFFSET;
import static io.hindsight.agent.ring.RingHeaderDescriptor.VERSION_OFFSET;

import io.hindsight.chunk.Crc32c;
import io.hindsight.pcapng.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The fixed part of a ring's first page ({@link RingHeaderDescriptor}). */
final class RingHeader {
    private RingHeader() {}

    static void write(MemorySegment page, RingSpec spec, RingGeometry geometry, long createdNs) {
        page.fill((byte) 0);
        page.set(LittleEndian.U32, MAGIC_OFFSET, RingHeaderDescriptor.MAGIC);
        page.set(LittleEndian.U16, VERSION_OFFSET, (short) RingHeaderDescriptor.VERSION);
        page.set(LittleEndian.U8, SOURCE_OFFSET, (byte) spec.source().code());
        page.set(LittleEndian.U64, NODE_ID_HASH_OFFSET, spec.node().hash());
        page.set(LittleEndian.U64, SLOT_SIZE_OFFSET, geometry.slotSize());
        page.set(LittleEndian.U32, SLOT_COUNT_OFFSET, geometry.slotCount());
        page.set(LittleEndian.U64, CREATED_OFFSET, createdNs);
        page.set(LittleEndian.U32, CRC_OFFSET, Crc32c.of(page.asSlice(0, CRC_OFFSET)));
    }

    /** When the ring was made, since the epoch. */
    static long createdNs(MemorySegment page) {
        return page.get(LittleEndian.U64, CREATED_OFFSET);
    }

    /** Why a file with this first page cannot go on as the ring that is wanted, or empty where it can. */
    static Optional<String> mismatch(MemorySegment page, RingSpec spec, RingGeometry geometry) {
        if (page.get(LittleEndian.U32, MAGIC_OFFSET) != RingHeaderDescriptor.MAGIC) {
            return Optional.of("it is not a ring");
        }
        int version = page.get(LittleEndian.U16, VERSION_OFFSET);
        if (version != RingHeaderDescriptor.VERSION) {
            return Optional.of("its format version=" + version + " is not " + RingHeaderDescriptor.VERSION);
        }
        if (page.get(LittleEndian.U32, CRC_OFFSET) != Crc32c.of(page.asSlice(0, CRC_OFFSET))) {
            return Optional.of("its header's CRC32C does not match");
        }
        return otherRing(page, spec, geometry);
    }

    private static Optional<String> otherRing(MemorySegment page, RingSpec spec, RingGeometry geometry) {
        if (page.get(LittleEndian.U64, NODE_ID_HASH_OFFSET) != spec.node().hash()) {
            return Optional.of("it belongs to another node than " + spec.node());
        }
        if (page.get(LittleEndian.U8, SOURCE_OFFSET) != spec.source().code()) {
            return Optional.of("it is not a ring of " + spec.source().label());
        }
        long slotSize = page.get(LittleEndian.U64, SLOT_SIZE_OFFSET);
        int slotCount = page.get(LittleEndian.U32, SLOT_COUNT_OFFSET);
        if (slotSize != geometry.slotSize() || slotCount != geometry.slotCount()) {
            return Optional.of(
                    "it has "
                            + slotCount
                            + " slots of "
                            + slotSize
                            + " bytes, wanted are "
                            + geometry.slotCount()
                            + " of "
                            + geometry.slotSize());
        }
        return Optional.empty();
    }
}
