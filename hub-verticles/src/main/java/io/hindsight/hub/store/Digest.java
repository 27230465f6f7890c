package io.hindsight.hub.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A SHA-256 digest.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) {
    /** Bytes of a digest. */
    public static final int LENGTH = 32;

    private static final Pattern VALID = Pattern.compile("[0-9a-f]{64}");

    public Digest {
        if (!VALID.matcher(hex).matches()) {
            throw new IllegalArgumentException("Not a SHA-256 digest in lower-case hexadecimal.");
        }
    }

    /** What the digester has taken so far; it starts anew. */
    public static Digest of(MessageDigest digester) {
        return ofBytes(digester.digest());
    }

    /** The digest of these bytes. */
    public static Digest ofContent(byte[] content) {
        return ofBytes(digester().digest(content));
    }

    /** The 32 bytes of a digest. */
    public static Digest ofBytes(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(bytes));
    }

    /** The 32 bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** A fresh SHA-256. */
    public static MessageDigest digester() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    @Override
    public String toString() {
        return hex;
    }
}
