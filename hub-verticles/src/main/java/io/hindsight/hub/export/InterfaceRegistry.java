package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.InterfaceDescription;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Every interface that the chunks opened so far describe. Owned by the export's thread. */
final class InterfaceRegistry {
    /** More would be a defect of the recorder: an export that keeps them all would outgrow its memory. */
    static final int MAX_INTERFACES = 100_000;

    private final Map<Key, ExportInterface> byKey = new HashMap<>();
    private final List<ExportInterface> all = new ArrayList<>();

    /** Two descriptions of one node that say the same are one interface. */
    private record Key(int file, InterfaceDescription description) {}

    /** @param file index of the node's file in the plan */
    ExportInterface of(int file, InterfaceDescription description) {
        return byKey.computeIfAbsent(new Key(file, description), this::add);
    }

    private ExportInterface add(Key key) {
        if (all.size() == MAX_INTERFACES) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "The snapshot describes more than limit=" + MAX_INTERFACES + " interfaces.");
        }
        ExportInterface added = new ExportInterface(key.file(), key.description());
        all.add(added);
        return added;
    }

    /** Of each file the interface that was met first. */
    List<ExportInterface> firstOfEachFile() {
        BitSet seen = new BitSet();
        List<ExportInterface> first = new ArrayList<>();
        for (ExportInterface each : all) {
            if (!seen.get(each.file())) {
                seen.set(each.file());
                first.add(each);
            }
        }
        return first;
    }

    /** In the order in which they were met. */
    List<ExportInterface> all() {
        return all;
    }
}
