package io.hindsight.hub.store;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.bus.ExtentPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the Hub remembers of snapshots that have no folder: those under way, so that the next Hub can go on with them ({@code RecoveryRule}) or
 * say what became of them, and those that failed or were cancelled. One small file each, {@code .sessions/<id>.json} in the volume, replaced by rename. A record that cannot be written
 * or read is logged and left out ({@link RecordFiles}): it is a memory aid, and must not fail a snapshot. Blocks. One thread at a time.
 */
public final class SessionJournal {
    private static final String FOLDER = ".sessions";

    /** The plans of a thousand nodes with hundreds of gaps each. */
    private static final long MAX_LENGTH = 64L << 20;

    private final RecordFiles records;

    /**
     * A record.
     *
     * @param snapshot as it was last known
     * @param request as the caller wrote it
     * @param idempotencyKey that came with it
     * @param attempt 1 for the first, one more each time that a Hub goes on with it
     * @param plans what each node planned, by its name; absent before there are plans
     */
    public record Entry(
            Snapshot snapshot,
            SnapshotRequest request,
            @Nullable String idempotencyKey,
            int attempt,
            @Nullable Map<String, NodePlan> plans) {}

    /**
     * One node's plan.
     *
     * @param agentVersion the agent's program version, where it was known
     * @param extent the newest plan, with the gaps of the first
     * @param gapsSince gaps that came up after the first plan; absent: none
     * @param shiftNs added to the window to get it in the node's time; absent: 0
     * @param clock how far the node's clock was from the Hub's, where that was known
     * @param soFar whether the plan is one of what had been recorded of the window by then, so that more comes; absent: no
     */
    public record NodePlan(
            @Nullable String agentVersion,
            ExtentPlan extent,
            @Nullable List<Gap> gapsSince,
            @Nullable Long shiftNs,
            @Nullable ClockOffset clock,
            @Nullable Boolean soFar) {}

    /** {@code root} is the snapshot volume. */
    public SessionJournal(Path root) {
        this.records = new RecordFiles(root.resolve(FOLDER), "the session", MAX_LENGTH);
    }

    /** Writes or replaces a record. */
    public void put(Entry entry) {
        records.put(entry.snapshot().id(), entry);
    }

    /** Forgets a record, if there is one. */
    public void remove(String id) {
        records.remove(id);
    }

    /** Every record that can be read; a record of another snapshot than its name says is none. Comes first: it creates the folder where there is none. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (String id : records.open()) {
            records.read(id, Entry.class)
                    .ifPresent(entry -> {
                        if (entry.snapshot().id().equals(id)) {
                            entries.add(entry);
                        } else {
                            records.remove(id);
                        }
                    });
        }
        return entries;
    }
}
