package io.hindsight.hub.store;

import io.hindsight.error.HindsightException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Until when sealed snapshots may not be deleted: one small file each, {@code .locks/<id>.json} in the volume, {@code {"until": time}}, replaced by rename and forced;
 * never in the sealed folder. Unlike other records these protect: one that cannot be written is a failure, and one that cannot be read locks for good. Blocks. One
 * thread at a time.
 */
public final class LockRecords {
    /** What a record that cannot be read stands for, until somebody mends or removes it. */
    public static final Instant FOR_GOOD = Instant.parse("9999-12-31T23:59:59Z");

    private static final Logger LOG = LoggerFactory.getLogger(LockRecords.class);
    private static final String FOLDER = ".locks";
    private static final String SUFFIX = ".json";
    private static final int MAX_LENGTH = 1 << 10;

    private final Path folder;

    /** {@code root} is the snapshot volume. */
    public LockRecords(Path root) {
        this.folder = root.resolve(FOLDER);
    }

    /** The locks of snapshots that are there; removes the others. Comes first: it creates the folder where there is none. */
    public Map<String, Instant> load(Predicate<String> isThere) {
        Folders.create(folder);
        Map<String, Instant> locks = new HashMap<>();
        for (Path file : Folders.entries(folder)) {
            String name = String.valueOf(file.getFileName());
            String id = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
            if (FileNames.isId(id) && isThere.test(id)) {
                locks.put(id, read(file));
            } else {
                remove(file);
            }
        }
        return locks;
    }

    private static Instant read(Path file) {
        try {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) <= MAX_LENGTH) {
                JsonObject json = new JsonObject(Files.readString(file, StandardCharsets.UTF_8));
                return Instant.parse(String.valueOf(json.getValue("until")));
            }
        } catch (IOException | DecodeException | DateTimeException unreadable) {
            LOG.debug("A lock cannot be read.", unreadable);
        }
        LOG.error(
                "The lock {} cannot be read: its snapshot is locked for good. Stop the Hub and mend or remove that file.",
                file);
        return FOR_GOOD;
    }

    /** Writes or replaces a lock; on disk when it returns. */
    public void put(String id, Instant until) {
        Path fresh = folder.resolve(id + SUFFIX + ".new");
        remove(fresh);
        byte[] content = new JsonObject().put("until", until.toString()).encode().getBytes(StandardCharsets.UTF_8);
        Folders.write(fresh, content, ChannelOpener.FILES);
        Folders.rename(fresh, folder.resolve(id + SUFFIX));
        Folders.force(folder);
    }

    /** Forgets the lock of a snapshot that is gone. */
    public void remove(String id) {
        remove(folder.resolve(id + SUFFIX));
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException | HindsightException e) {
            LOG.warn("The record {} of a lock could not be removed: {}", file.getFileName(), e.getMessage());
        }
    }
}
