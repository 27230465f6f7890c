package io.hindsight.hub.store;

import io.hindsight.api.ClockOffset;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the Hub remembers of snapshots that have no folder: those under way, so that the next Hub can go on with them ({@code RecoveryRule}) or
 * say what became of them, and those that failed or were cancelled. One small file each, {@code .sessions/<id>.json} in the volume, replaced by rename. A record that cannot be written
 * or read is logged and left out: it is a memory aid, and must not fail a snapshot. Blocks. One thread at a time.
 */
public final class SessionJournal {
    private static final Logger LOG = LoggerFactory.getLogger(SessionJournal.class);
    private static final String FOLDER = ".sessions";
    private static final String SUFFIX = ".json";

    private final Path folder;

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
     * @param extent with every gap known by then
     * @param clock how far the node's clock was from the Hub's, where that was known
     */
    public record NodePlan(@Nullable String agentVersion, ExtentPlan extent, @Nullable ClockOffset clock) {}

    /** {@code root} is the snapshot volume. */
    public SessionJournal(Path root) {
        this.folder = root.resolve(FOLDER);
    }

    /** Writes or replaces a record. */
    public void put(Entry entry) {
        Path file = file(entry.snapshot().id());
        Path fresh = folder.resolve(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh);
            byte[] content = JsonMapping.toJson(entry).encode().getBytes(StandardCharsets.UTF_8);
            Folders.write(fresh, content, ChannelOpener.FILES);
            Folders.rename(fresh, file);
        } catch (IOException | HindsightException e) {
            LOG.warn("snapshot={} is not remembered over a restart: {}", entry.snapshot().id(), e.getMessage());
        }
    }

    /** Forgets a record, if there is one. */
    public void remove(String id) {
        try {
            Files.deleteIfExists(file(id));
        } catch (IOException e) {
            LOG.warn("The record of snapshot={} could not be removed: {}", id, e.getMessage());
        }
    }

    /** Every record that can be read. Comes first: it creates the folder where there is none. */
    public List<Entry> entries() {
        Folders.create(folder);
        List<Entry> entries = new ArrayList<>();
        for (Path file : Folders.entries(folder)) {
            if (file.toString().endsWith(SUFFIX)) {
                read(file, entries);
            }
        }
        return entries;
    }

    private static void read(Path file, List<Entry> entries) {
        try {
            Entry entry = JsonMapping.fromJson(new JsonObject(Files.readString(file)), Entry.class);
            if (file.endsWith(entry.snapshot().id() + SUFFIX)) {
                entries.add(entry);
            }
        } catch (IOException | DecodeException | HindsightException | NullPointerException e) {
            LOG.warn("The record {} cannot be read and is left out: {}", file.getFileName(), e.getMessage());
        }
    }

    private Path file(String id) {
        return folder.resolve(id + SUFFIX);
    }
}
