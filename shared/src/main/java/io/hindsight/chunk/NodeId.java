package io.hindsight.chunk;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/**
 * A node's name: a DNS subdomain as Kubernetes has it (RFC 1123), capitals and underscores allowed because host names have them. Such a
 * name is safe as a file name on every system: it has no separator, no leading dot and at most 253 characters.
 *
 * @param name the name
 */
public record NodeId(String name) {
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");

    public NodeId {
        if (!VALID.matcher(name).matches()) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "node",
                    "A node name has 1 to 253 letters, digits, '.', '_' and '-', and starts and ends with a letter or digit; got "
                            + name.length()
                            + " characters.");
        }
    }

    /** First 8 bytes of SHA-256 of the name in UTF-8, as a little-endian integer: what each chunk header carries. */
    public long hash() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).order(ByteOrder.LITTLE_ENDIAN).getLong();
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
