package io.hindsight.simulation.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What was done to folders and was not forced yet, in the order in which it was done. As ext4 and xfs do, it becomes durable in that order:
 * forcing a folder makes its newest operation durable with all before it, in whatever folder; a power cut keeps a beginning of the rest.
 * Guarded by the disk.
 */
final class FolderJournal {
    private final List<List<Change>> operations = new ArrayList<>();

    /** A name's node before and after. */
    record Change(DiskFolder folder, String name, @Nullable DiskNode before, @Nullable DiskNode after) {
        boolean concerns(DiskFolder other) {
            return folder == other || before == other || after == other;
        }
    }

    /** Does the changes as one operation, which a power cut keeps or loses as a whole. */
    void apply(List<Change> operation, long nowMs) {
        for (Change change : operation) {
            change.folder().put(change.name(), change.after());
            change.folder().modified(nowMs);
        }
        operations.add(operation);
    }

    void force(DiskFolder folder) {
        int last = operations.size() - 1;
        while (last >= 0 && operations.get(last).stream().noneMatch(change -> change.concerns(folder))) {
            last--;
        }
        operations.subList(0, last + 1).clear();
    }

    void forceAll() {
        operations.clear();
    }

    void cutPower(RandomGenerator random) {
        int kept = kept(operations.size(), random);
        for (List<Change> operation : operations.subList(kept, operations.size()).reversed()) {
            for (Change change : operation.reversed()) {
                change.folder().put(change.name(), change.before());
            }
        }
        operations.clear();
    }

    /** None and all are more frequent than a fair choice would have them: most faults show there. */
    private static int kept(int count, RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> count;
            default -> random.nextInt(count + 1);
        };
    }
}
