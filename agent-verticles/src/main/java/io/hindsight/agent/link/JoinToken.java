package io.hindsight.agent.link;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token that an agent shows to its Hub, from a file that may be the Hub's own: lines of {@code name:token}, {@code name:role:token} (of users) or a token alone, empty
 * lines, and comments behind {@code #}. The entry {@code agent@<node>} is preferred to {@code agent}, and that to the only one without a
 * name. No message ever holds a token.
 */
final class JoinToken {
    private static final Logger LOG = LoggerFactory.getLogger(JoinToken.class);
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final int MIN_TOKEN_LENGTH = 16;
    private static final Pattern TOKEN = Pattern.compile("[!-9;-~]+");
    private static final String UNNAMED = "";

    private record Entry(int line, String name, String token) {}

    private JoinToken() {}

    /**
     * Reads the file: call it on a worker.
     *
     * @throws HindsightException INVALID_CONFIGURATION, naming the file and what is missing in it
     */
    static String load(Path file, NodeId node) {
        try {
            return pick(file, entries(read(file)), node);
        } catch (IOException unreadable) {
            throw invalid(file, "it cannot be read: " + unreadable);
        }
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw invalid(file, "it has more than " + MAX_FILE_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static List<Entry> entries(String text) {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (!line.isEmpty() && !line.startsWith("#")) {
                int colon = line.indexOf(':');
                String name = colon < 0 ? UNNAMED : line.substring(0, colon);
                entries.add(new Entry(number, name, line.substring(colon + 1)));
            }
        }
        return entries;
    }

    private static String pick(Path file, List<Entry> entries, NodeId node) {
        String ofNode = "agent@" + node.name();
        Entry entry =
                named(entries, ofNode)
                        .or(() -> named(entries, "agent"))
                        .or(() -> onlyUnnamed(entries))
                        .orElseThrow(() ->
                                invalid(
                                        file,
                                        "it has neither an entry "
                                                + ofNode
                                                + ":TOKEN nor agent:TOKEN, nor exactly one token without a name"));
        if (entry.token().length() < MIN_TOKEN_LENGTH || !TOKEN.matcher(entry.token()).matches()) {
            throw invalid(
                    file,
                    "line="
                            + entry.line()
                            + " holds a token of "
                            + entry.token().length()
                            + " characters; it takes at least "
                            + MIN_TOKEN_LENGTH
                            + " printable ASCII ones without spaces and colons");
        }
        return entry.token();
    }

    /** While a token is being replaced a name may stand there twice; the Hub takes both. */
    private static Optional<Entry> named(List<Entry> entries, String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    private static Optional<Entry> onlyUnnamed(List<Entry> entries) {
        List<Entry> unnamed = entries.stream().filter(entry -> entry.name().equals(UNNAMED)).toList();
        return unnamed.size() == 1 ? Optional.of(unnamed.getFirst()) : Optional.empty();
    }

    /** Says so, once, at the start. */
    static void warnIfReadableByOthers(Path file) {
        try {
            if (Files.getFileStore(file).supportsFileAttributeView("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                LOG.warn("Everybody on this machine can read the token file={}; chmod 600 it.", file);
            }
        } catch (IOException unreadable) {
            LOG.debug("Who can read file={} is not known: {}", file, unreadable.toString());
        }
    }

    private static HindsightException invalid(Path file, String problem) {
        return new HindsightException(
                ErrorCode.INVALID_CONFIGURATION,
                "The token file (token-file=" + file + ") cannot be used: " + problem + ".");
    }
}
