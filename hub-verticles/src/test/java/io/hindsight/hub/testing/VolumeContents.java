package io.hindsight.hub.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What lies on a snapshot volume, down to the last file. The folders that a Hub always keeps there are not named, what is in them is: so
 * an assertion that a snapshot left nothing finds a forgotten file in them too. The custody log is left out: it stays.
 */
final class VolumeContents {
    private static final String SESSIONS = ".sessions";
    private static final Set<String> STANDING =
            Set.of(SESSIONS, ".batches", ".verifications", ".locks", ".capture/policy.json");
    private static final String CUSTODY = ".custody/";

    private VolumeContents() {}

    /** Of every file and every empty folder the path from the volume on, sorted. */
    static List<String> of(Path volume) {
        List<String> found = new ArrayList<>();
        addContents(volume, volume, found);
        found.removeIf(path -> STANDING.contains(path) || path.startsWith(CUSTODY));
        return found.stream().sorted().toList();
    }

    private static void addContents(Path volume, Path folder, List<String> found) {
        List<Path> entries = entries(folder);
        if (entries.isEmpty() && !folder.equals(volume)) {
            found.add(volume.relativize(folder).toString());
        }
        for (Path entry : entries) {
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                addContents(volume, entry, found);
            } else {
                found.add(volume.relativize(entry).toString());
            }
        }
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the record of a session lies. */
    static String record(String id) {
        return SESSIONS + "/" + id + ".json";
    }
}
