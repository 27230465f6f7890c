package io.hindsight.hub.custody;

import io.hindsight.hub.store.Folders;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The log's files: {@code custody-<sequence of the first line>.jsonl}. Blocks. Stateless. */
final class CustodyFiles {
    private static final Pattern NAME = Pattern.compile("custody-(\\d{20})\\.jsonl");

    private CustodyFiles() {}

    /** All of them, the oldest first. */
    static List<Path> of(Path folder) {
        return Folders.entries(folder).stream()
                .filter(file -> isNamed(file) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    static boolean isNamed(Path file) {
        return NAME.matcher(String.valueOf(file.getFileName())).matches();
    }

    static Path named(Path folder, long firstSequence) {
        return folder.resolve("custody-%020d.jsonl".formatted(firstSequence));
    }

    /** As the name says; −1 where it does not say, or no log is so long. */
    static long firstSequence(Path file) {
        Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
        try {
            long sequence = name.matches() ? Long.parseLong(name.group(1)) : -1;
            return sequence <= CustodyFormat.HIGHEST_SEQUENCE ? sequence : -1;
        } catch (NumberFormatException tooLarge) {
            return -1;
        }
    }
}
