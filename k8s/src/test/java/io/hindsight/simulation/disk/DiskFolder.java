package io.hindsight.simulation.disk;

import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A folder: names in order, so that the same seed lists the same. Its entries change through {@link FolderJournal} alone. */
final class DiskFolder extends DiskNode {
    private final SortedMap<String, DiskNode> entries = new TreeMap<>();

    DiskFolder(Set<PosixFilePermission> permissions, long modifiedMs) {
        super(permissions, modifiedMs);
    }

    SortedMap<String, DiskNode> entries() {
        return entries;
    }

    @Nullable DiskNode entry(String name) {
        return entries.get(name);
    }

    void put(String name, @Nullable DiskNode node) {
        if (node == null) {
            entries.remove(name);
        } else {
            entries.put(name, node);
        }
    }
}
