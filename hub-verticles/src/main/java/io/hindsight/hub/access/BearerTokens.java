package io.hindsight.hub.access;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may do what: bearer tokens from a file. Each line is {@code name:token}, or a token alone, which may do everything; {@link Caller} says what a
 * name may do. Empty lines and lines with a leading {@code #} are skipped. Only digests are kept. Immutable.
 */
final class BearerTokens implements Authenticator {
    static final int MIN_TOKEN_LENGTH = 16;

    private static final Logger LOG = LoggerFactory.getLogger(BearerTokens.class);
    private static final int MAX_FILE_LENGTH = 1 << 20;
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}|agent@[A-Za-z0-9][A-Za-z0-9._-]{0,252}");
    private static final Pattern TOKEN = Pattern.compile("[!-9;-~]+");

    private static final class Entry {
        final Caller caller;
        final byte[] digest;

        Entry(Caller caller, byte[] digest) {
            this.caller = caller;
            this.digest = digest;
        }
    }

    private final List<Entry> entries;

    private BearerTokens(List<Entry> entries) {
        this.entries = entries;
    }

    /** Reads the file: call it on a worker. What is wrong with it is INVALID_CONFIGURATION and names the line, never the token. */
    static BearerTokens load(Path file) {
        try {
            warnIfReadableByOthers(file);
            if (Files.size(file) > MAX_FILE_LENGTH) {
                throw invalid(file, "it has more than " + MAX_FILE_LENGTH + " bytes");
            }
            return parse(file, Files.readAllLines(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw invalid(file, "it cannot be read: " + e);
        }
    }

    private static BearerTokens parse(Path file, List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(entry(file, i + 1, line));
            }
        }
        if (entries.isEmpty()) {
            throw invalid(file, "it holds no token");
        }
        return new BearerTokens(List.copyOf(entries));
    }

    private static Entry entry(Path file, int lineNumber, String line) {
        int colon = line.indexOf(':');
        Caller caller = colon < 0 ? Caller.ofBareToken() : caller(file, lineNumber, line.substring(0, colon));
        String token = line.substring(colon + 1);
        if (token.length() < MIN_TOKEN_LENGTH || !TOKEN.matcher(token).matches()) {
            throw invalid(
                    file,
                    "line="
                            + lineNumber
                            + " holds a token of "
                            + token.length()
                            + " characters; it takes at least "
                            + MIN_TOKEN_LENGTH
                            + " printable ASCII ones without spaces and colons");
        }
        return new Entry(caller, sha256(token));
    }

    private static Caller caller(Path file, int lineNumber, String name) {
        if (!NAME.matcher(name).matches()) {
            throw invalid(file, "line=" + lineNumber + " has a name that is not letters, digits and . _ @ -");
        }
        return Caller.ofTokenName(name)
                .orElseThrow(
                        () -> invalid(file, "line=" + lineNumber + " has behind agent@ what is no name of a node"));
    }

    private static void warnIfReadableByOthers(Path file) throws IOException {
        if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
            LOG.warn("Everybody on this machine can read the token file={}; chmod 600 it.", file);
        }
    }

    @Override
    public Future<Optional<Caller>> authenticate(String token) {
        return Future.succeededFuture(callerOf(token));
    }

    /** Holds nothing. */
    @Override
    public void close() {}

    /** Whoever holds this token. Takes the same time whether and wherever it matches. */
    private Optional<Caller> callerOf(String token) {
        byte[] digest = sha256(token);
        Optional<Caller> caller = Optional.empty();
        for (Entry entry : entries) {
            // No early end: the time must not tell how far a guess got.
            if (MessageDigest.isEqual(entry.digest, digest)) {
                caller = Optional.of(entry.caller);
            }
        }
        return caller;
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    private static HindsightException invalid(Path file, String problem) {
        return new HindsightException(
                ErrorCode.INVALID_CONFIGURATION,
                "The token file (token-file=" + file + ") cannot be used: " + problem + ".");
    }
}
