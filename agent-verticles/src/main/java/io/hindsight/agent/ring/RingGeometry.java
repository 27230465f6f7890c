package io.hindsight.agent.ring;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;

/**
 * Where things lie in a ring file. Header, directory and slots together never take more than the storage size.
 *
 * @param slotSize bytes of a slot, a multiple of a page
 * @param slotCount at least 2
 */
record RingGeometry(int slotSize, int slotCount) {
    static final int PAGE_SIZE = 4096;

    /** As many slots as fit into the storage size with header and directory. */
    static RingGeometry of(long storageBytes, int slotSize) {
        long slots = (storageBytes - RingHeaderDescriptor.LENGTH) / (slotSize + (long) SlotEntryDescriptor.LENGTH);
        while (slots > 0 && slotsOffset(slots) + slots * slotSize > storageBytes) {
            slots--;
        }
        if (slots < 2 || slots > Integer.MAX_VALUE || slotSize % PAGE_SIZE != 0) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "A ring of storage-size="
                            + storageBytes
                            + " with slot-size="
                            + slotSize
                            + " would have "
                            + slots
                            + " slots; it needs at least 2.");
        }
        return new RingGeometry(slotSize, (int) slots);
    }

    private static long slotsOffset(long slots) {
        long end = RingHeaderDescriptor.LENGTH + slots * SlotEntryDescriptor.LENGTH;
        return (end + PAGE_SIZE - 1) & -PAGE_SIZE;
    }

    long directoryLength() {
        return (long) slotCount * SlotEntryDescriptor.LENGTH;
    }

    long slotOffset(int index) {
        return slotsOffset(slotCount) + (long) index * slotSize;
    }

    long fileLength() {
        return slotOffset(slotCount);
    }

    long capacityBytes() {
        return (long) slotCount * slotSize;
    }
}
