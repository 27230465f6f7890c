package io.hindsight.agent.capture.linux;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * From an interface index to what is known of it, without boxing: open addressing with linear probing, at most half full. Immutable, so
 * capture threads read it without a lock.
 */
final class LinkMap {
    private static final int MULTIPLIER = 0x9E37_79B9;

    private final @Nullable LinkEntry[] slots;
    private final int shift;

    LinkMap(Collection<LinkEntry> entries) {
        int bits = Math.max(4, Integer.SIZE - Integer.numberOfLeadingZeros(2 * entries.size()));
        slots = new LinkEntry[1 << bits];
        shift = Integer.SIZE - bits;
        entries.forEach(this::insert);
    }

    private void insert(LinkEntry entry) {
        int slot = first(entry.link().index());
        while (slots[slot] != null) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = entry;
    }

    private int first(int index) {
        return (index * MULTIPLIER) >>> shift;
    }

    @Nullable LinkEntry get(int index) {
        int slot = first(index);
        LinkEntry entry = slots[slot];
        while (entry != null && entry.link().index() != index) {
            slot = (slot + 1) & (slots.length - 1);
            entry = slots[slot];
        }
        return entry;
    }
}
