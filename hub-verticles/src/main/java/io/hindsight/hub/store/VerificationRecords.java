package io.hindsight.hub.store;

import io.hindsight.api.Verification;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each sealed snapshot was last verified, and how that ended: one small file each, {@code .verifications/<id>.json} in the volume, replaced by
 * rename; never in the sealed folder. A record that is lost or cannot be read only means that the snapshot's turn comes as if it had just been sealed.
 * Blocks. One thread at a time.
 */
public final class VerificationRecords {
    private static final Logger LOG = LoggerFactory.getLogger(VerificationRecords.class);
    private static final String FOLDER = ".verifications";
    private static final String SUFFIX = ".json";
    private static final long MAX_LENGTH = 1L << 16;

    private final Path folder;

    /** {@code root} is the snapshot volume. */
    public VerificationRecords(Path root) {
        this.folder = root.resolve(FOLDER);
    }

    /** Every record that can be read, of snapshots that are there; removes the others. Comes first: it creates the folder where there is none. */
    public Map<String, Verification> load(Predicate<String> isThere) {
        Map<String, Verification> records = new HashMap<>();
        try {
            Folders.create(folder);
            for (Path file : Folders.entries(folder)) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(SUFFIX)) {
                    read(file, name.substring(0, name.length() - SUFFIX.length()), records);
                }
            }
        } catch (HindsightException e) {
            LOG.warn("Earlier verifications are not known: {}", e.getMessage());
        }
        List<String> stale = records.keySet().stream().filter(isThere.negate()).toList();
        stale.forEach(this::remove);
        stale.forEach(records::remove);
        return records;
    }

    private static void read(Path file, String id, Map<String, Verification> records) {
        try {
            if (Files.size(file) <= MAX_LENGTH) {
                records.put(id, JsonMapping.fromJson(new JsonObject(Files.readString(file)), Verification.class));
            }
        } catch (IOException | DecodeException | HindsightException | NullPointerException e) {
            LOG.warn(
                    "The verification record {} cannot be read and is left out: {}",
                    file.getFileName(),
                    e.getMessage());
        }
    }

    /** Writes or replaces a record. */
    public void put(String id, Verification verification) {
        Path file = folder.resolve(id + SUFFIX);
        Path fresh = folder.resolve(id + SUFFIX + ".new");
        try {
            Files.deleteIfExists(fresh);
            byte[] content = JsonMapping.toJson(verification).encode().getBytes(StandardCharsets.UTF_8);
            Folders.write(fresh, content, ChannelOpener.FILES);
            Folders.rename(fresh, file);
        } catch (IOException | HindsightException e) {
            LOG.warn("The verification of snapshot={} is not remembered over a restart: {}", id, e.getMessage());
        }
    }

    /** Forgets a record, if there is one. */
    public void remove(String id) {
        try {
            Files.deleteIfExists(folder.resolve(id + SUFFIX));
        } catch (IOException e) {
            LOG.warn("The verification record of snapshot={} could not be removed: {}", id, e.getMessage());
        }
    }
}
