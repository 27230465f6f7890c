package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.HardwareTypes;
import io.hindsight.agent.capture.InterfaceSelection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every interface of this network namespace, with its {@link CaptureInterface} where it is recorded from. Changed by the link watcher,
 * and by a capture thread that meets an interface before the watcher does; read by capture threads through {@link #map()}.
 *
 * <p>Thread-safe: changes hold this object's lock; reads take an immutable copy that each change replaces.
 */
final class LinkTable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkTable.class);

    /** Interfaces that vanished are remembered, because the ring may still hold packets of theirs: so many of them. */
    private static final int MAX_GONE = 1_024;

    private final InterfaceSelection selection;
    private final int snapLength;
    private final String filter;

    // Guarded by this object's lock.
    private final Map<Integer, LinkEntry> present = new HashMap<>();
    private final Map<Integer, LinkEntry> gone = new LinkedHashMap<>();
    private final Deque<Integer> freeIds = new ArrayDeque<>();
    private int nextId;
    private int highestIndex;

    private volatile LinkMap map = new LinkMap(List.of());
    private volatile List<CaptureInterface> captured = List.of();

    LinkTable(InterfaceSelection selection, int snapLength, String filter) {
        this.selection = selection;
        this.snapLength = snapLength;
        this.filter = filter;
    }

    /** What is known now. */
    LinkMap map() {
        return map;
    }

    /** Those that exist now and are recorded from. */
    List<CaptureInterface> captured() {
        return captured;
    }

    synchronized LinkSelection selected() {
        return LinkSelection.of(selection.isAny(), present.values(), highestIndex);
    }

    synchronized List<Link> links() {
        return present.values().stream().map(LinkEntry::link).toList();
    }

    /** The interface exists, as described. Whether that is news for the filter. */
    synchronized boolean put(Link link) {
        LinkEntry known = present.get(link.index());
        if (known != null && known.link().equals(link)) {
            return false;
        }
        present.put(link.index(), LinkEntry.of(link, captureInterface(link, known)));
        highestIndex = Math.max(highestIndex, link.index());
        publish();
        return true;
    }

    private @Nullable CaptureInterface captureInterface(Link link, @Nullable LinkEntry known) {
        if (!selection.matches(link.name())) {
            return null;
        }
        if (known != null && isSame(known.link(), link)) {
            return known.captured();
        }
        if (known != null) {
            release(known);
        }
        int linkType = HardwareTypes.linkType(link.hardwareType());
        LOG.info("Recording from interface={} ifindex={} linkType={}.", link.name(), link.index(), linkType);
        Integer reused = freeIds.poll();
        return new CaptureInterface(
                reused == null ? nextId++ : reused, link.name(), link.index(), linkType, snapLength, filter);
    }

    /** Writers keep tables by id, and tell interfaces of one id apart: so ids are used again, and tables stay small. */
    private void release(LinkEntry entry) {
        CaptureInterface unused = entry.captured();
        if (unused != null) {
            freeIds.add(unused.id());
        }
    }

    private static boolean isSame(Link one, Link other) {
        return one.name().equals(other.name()) && one.hardwareType() == other.hardwareType();
    }

    /** The interface is no more. Whether it was known. */
    synchronized boolean remove(int index) {
        LinkEntry removed = present.remove(index);
        if (removed == null) {
            return false;
        }
        LinkEntry before = gone.put(index, removed);
        if (before != null) {
            release(before);
        }
        if (gone.size() > MAX_GONE) {
            Map.Entry<Integer, LinkEntry> oldest = gone.entrySet().iterator().next();
            gone.remove(oldest.getKey());
            release(oldest.getValue());
        }
        if (removed.captured() != null) {
            LOG.info("Interface={} ifindex={} is gone.", removed.link().name(), index);
        }
        publish();
        return true;
    }

    /** Removes every interface that is none of these. Whether there was one. */
    synchronized boolean retain(Set<Integer> indexes) {
        List<Integer> vanished = present.keySet().stream().filter(index -> !indexes.contains(index)).toList();
        vanished.forEach(this::remove);
        return !vanished.isEmpty();
    }

    /**
     * An interface that a packet came from and {@link #map()} does not know, or knows with another hardware type. Rare: called by a
     * capture thread once for each such interface.
     */
    synchronized LinkEntry resolve(int index, int hardwareType) {
        LinkEntry known = map.get(index);
        if (known == null || known.link().hardwareType() != hardwareType) {
            put(new Link(index, nameOf(index, known), hardwareType, true));
        }
        return Objects.requireNonNull(map.get(index), "just put");
    }

    private static String nameOf(int index, @Nullable LinkEntry known) {
        String name = LibC.interfaceName(index);
        if (!name.isEmpty()) {
            return name;
        }
        return known == null ? "ifindex-" + index : known.link().name(); // gone already: its packets are here still
    }

    private void publish() {
        Map<Integer, LinkEntry> all = new HashMap<>(gone);
        all.putAll(present);
        map = new LinkMap(all.values());
        List<CaptureInterface> recorded = new ArrayList<>();
        for (LinkEntry entry : present.values()) {
            if (entry.captured() != null) {
                recorded.add(entry.captured());
            }
        }
        recorded.sort((one, other) -> Integer.compare(one.id(), other.id()));
        captured = List.copyOf(recorded);
    }
}
