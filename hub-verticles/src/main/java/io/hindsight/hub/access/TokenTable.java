package io.hindsight.hub.access;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a token file says. Each line is {@code name:role:token}, {@code name:token}, or a token alone, which may do everything; {@link Caller} says what a
 * name without a role may do. Empty lines and lines with a leading {@code #} are skipped. Only digests are kept. Immutable.
 */
final class TokenTable {
    static final int MIN_TOKEN_LENGTH = 16;

    private static final int MAX_FILE_LENGTH = 1 << 20;
    private static final int MAX_PARTS = 3;
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

    private TokenTable(List<Entry> entries) {
        this.entries = entries;
    }

    /** Reads the file: call it on a worker. What is wrong with it is INVALID_CONFIGURATION and names the line, never what stands in it. */
    static TokenTable read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_LENGTH + 1);
            if (bytes.length > MAX_FILE_LENGTH) {
                throw invalid(file, "it has more than " + MAX_FILE_LENGTH + " bytes");
            }
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return parse(file, text.lines().toList());
        } catch (CharacterCodingException notText) {
            throw invalid(file, "it is not UTF-8 text: " + notText);
        } catch (IOException unreadable) {
            throw invalid(file, "it cannot be read: " + unreadable);
        }
    }

    private static TokenTable parse(Path file, List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(entry(file, i + 1, line.split(":", -1)));
            }
        }
        if (entries.isEmpty()) {
            throw invalid(file, "it holds no token");
        }
        return new TokenTable(List.copyOf(entries));
    }

    private static Entry entry(Path file, int line, String[] parts) {
        if (parts.length > MAX_PARTS) {
            throw invalid(file, "line=" + line + " has more than name:role:token; tokens hold no colon");
        }
        Caller caller =
                switch (parts.length) {
                    case 1 -> Caller.ofBareToken();
                    case 2 -> named(file, line, parts[0]);
                    default -> withRole(file, line, parts[0], parts[1]);
                };
        String token = parts[parts.length - 1];
        if (token.length() < MIN_TOKEN_LENGTH || !TOKEN.matcher(token).matches()) {
            throw invalid(
                    file,
                    "line="
                            + line
                            + " holds a token of "
                            + token.length()
                            + " characters; it takes at least "
                            + MIN_TOKEN_LENGTH
                            + " printable ASCII ones without spaces and colons");
        }
        return new Entry(caller, sha256(token));
    }

    private static Caller named(Path file, int line, String name) {
        requireName(file, line, name);
        return Caller.ofTokenName(name)
                .orElseThrow(() -> invalid(file, "line=" + line + " has behind agent@ what is no name of a node"));
    }

    private static Caller withRole(Path file, int line, String name, String role) {
        requireName(file, line, name);
        if (Caller.isNameOfAgent(name)) {
            throw invalid(file, "line=" + line + " gives a role to an agent, which joins and does not use the API");
        }
        return Role.ofName(role)
                .map(known -> Caller.ofUser(name, known.permissions()))
                .orElseThrow(() -> invalid(file, "line=" + line + " has a role that is not viewer, analyst or admin"));
    }

    private static void requireName(Path file, int line, String name) {
        if (!NAME.matcher(name).matches()) {
            throw invalid(file, "line=" + line + " has a name that is not letters, digits and . _ @ -");
        }
    }

    /** Whoever holds this token. Takes the same time whether and wherever it matches. */
    Optional<Caller> callerOf(String token) {
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
