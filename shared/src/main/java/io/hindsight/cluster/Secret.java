package io.hindsight.cluster;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What every member of a cluster knows. It leaves this object as a digest alone (HMAC, RFC 2104). Thread-safe. */
final class Secret {
    /** Shorter ones can be guessed. */
    static final int MIN_LENGTH = 16;

    /** Bytes of a digest. */
    static final int DIGEST_LENGTH = 32;

    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    Secret(byte[] bytes) {
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /** Of these parts, one after the other; their lengths are told apart by the callers. */
    byte[] digest(byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** Whether a digest is of these parts; takes as long for a wrong one as for a right one. */
    boolean matches(byte[] digest, byte[]... parts) {
        return MessageDigest.isEqual(digest, digest(parts));
    }

    @Override
    public String toString() {
        return "secret";
    }
}
