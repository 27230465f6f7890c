package io.hindsight.hub.store;

import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Small records about snapshots: a folder of files {@code <id>.json}, each replaced by rename. They are memory aids: one that cannot be written or
 * read is logged, and fails nobody. Blocks. One thread at a time.
 */
final class RecordFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RecordFiles.class);
    private static final String SUFFIX = ".json";
    private static final String FRESH_SUFFIX = SUFFIX + ".new";

    private final Path folder;
    private final String what;
    private final long maxLengthBytes;

    /**
     * @param what a record is, for the log
     * @param maxLengthBytes a longer one is taken for broken, and not read
     */
    RecordFiles(Path folder, String what, long maxLengthBytes) {
        this.folder = folder;
        this.what = what;
        this.maxLengthBytes = maxLengthBytes;
    }

    /** Creates the folder where there is none, tidies up what a sudden end left in it, and returns the ids of which there are records. */
    List<String> open() {
        Folders.create(folder);
        List<String> ids = new ArrayList<>();
        for (Path file : Folders.entries(folder)) {
            String name = String.valueOf(file.getFileName());
            String id = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : "";
            if (FileNames.isId(id)) {
                ids.add(id);
            } else if (name.endsWith(FRESH_SUFFIX)) {
                // Never put in its place: what it was to replace holds.
                remove(file);
            }
        }
        return ids;
    }

    /** The record, if there is one that can be read. One whose content is broken is removed: nobody can ever use it. */
    <T> Optional<T> read(String id, Class<T> type) {
        Path file = file(id);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > maxLengthBytes) {
                return broken(file, "it is no file of at most " + maxLengthBytes + " bytes");
            }
            String content = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return Optional.of(JsonMapping.fromJson(new JsonObject(content), type));
        } catch (IOException e) {
            LOG.warn("The record of {} of snapshot={} cannot be read: {}", what, id, e.getMessage());
            return Optional.empty();
        } catch (DecodeException | HindsightException | NullPointerException e) {
            return broken(file, String.valueOf(e.getMessage()));
        }
    }

    private <T> Optional<T> broken(Path file, String reason) {
        LOG.warn("The record {} of {} is broken and removed: {}", file.getFileName(), what, reason);
        remove(file);
        return Optional.empty();
    }

    /** Writes or replaces a record. */
    void put(String id, Object record) {
        Path fresh = folder.resolve(id + FRESH_SUFFIX);
        try {
            Files.deleteIfExists(fresh);
            byte[] content = JsonMapping.toJson(record).encode().getBytes(StandardCharsets.UTF_8);
            Folders.write(fresh, content, ChannelOpener.FILES);
            Folders.rename(fresh, file(id));
            Folders.force(folder);
        } catch (IOException | HindsightException e) {
            LOG.warn("{} of snapshot={} is not remembered over a restart: {}", what, id, e.getMessage());
            remove(fresh);
        }
    }

    /** Forgets a record, if there is one. */
    void remove(String id) {
        remove(file(id));
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("The record {} of {} could not be removed: {}", file.getFileName(), what, e.getMessage());
        }
    }

    private Path file(String id) {
        return folder.resolve(id + SUFFIX);
    }
}
