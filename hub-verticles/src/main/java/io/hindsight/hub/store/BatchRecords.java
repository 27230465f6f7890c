package io.hindsight.hub.store;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshots were asked for together: {@code .batches/<id>.json} in the volume, so that the same request gets the same answer from the next Hub too. Each
 * snapshot is whole without it. Blocks. One thread at a time.
 */
public final class BatchRecords {
    private static final String FOLDER = ".batches";
    private static final long MAX_LENGTH = 1L << 20;

    private final RecordFiles records;

    /**
     * A record.
     *
     * @param id of the batch
     * @param name for people, where one was given
     * @param createdAt when it was asked for
     * @param createdBy who asked
     * @param idempotencyKey that came with it
     * @param requestSha256 hex, of the request as JSON
     * @param snapshots ids, one for each request in their order
     */
    public record Entry(
            String id,
            @Nullable String name,
            Instant createdAt,
            String createdBy,
            @Nullable String idempotencyKey,
            String requestSha256,
            List<String> snapshots) {
        public Entry {
            snapshots = List.copyOf(snapshots);
        }
    }

    /** {@code root} is the snapshot volume. */
    public BatchRecords(Path root) {
        this.records = new RecordFiles(root.resolve(FOLDER), "the batch", MAX_LENGTH);
    }

    /** Writes a record. */
    public void put(Entry entry) {
        records.put(entry.id(), entry);
    }

    /** Forgets a record, if there is one. */
    public void remove(String id) {
        records.remove(id);
    }

    /** Every record that can be read. Comes first: it creates the folder where there is none. */
    public List<Entry> load() {
        List<Entry> entries = new ArrayList<>();
        for (String id : records.open()) {
            records.read(id, Entry.class).filter(entry -> entry.id().equals(id)).ifPresent(entries::add);
        }
        return entries;
    }
}
