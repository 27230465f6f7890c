package io.hindsight.cluster;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.auth.AuthToken;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * How a member proves that it knows the secret when it joins, merges, or answers one that does (JGroups' AUTH): a nonce, and the digest of secret, nonce
 * and the member's own address, so that what one member has said is no proof of another. The secret is never sent.
 *
 * <p>On the wire: nonce (16 bytes), digest (32 bytes).
 *
 * <p>Public, with a constructor without arguments, because JGroups makes one of what has come. Such a one knows no secret, and proves nothing.
 */
public final class MembershipToken extends AuthToken {
    private static final int NONCE_LENGTH = 16;
    private static final byte[] PURPOSE = "hindsight cluster membership 1".getBytes(StandardCharsets.UTF_8);

    private final SecureRandom random = new SecureRandom();
    private final @Nullable Secret secret;
    private byte[] nonce = new byte[NONCE_LENGTH];
    private byte[] digest = new byte[Secret.DIGEST_LENGTH];

    /** For what comes off the wire. */
    public MembershipToken() {
        this.secret = null;
    }

    MembershipToken(Secret secret) {
        this.secret = secret;
    }

    @Override
    public String getName() {
        return MembershipToken.class.getName();
    }

    @Override
    public int size() {
        return NONCE_LENGTH + Secret.DIGEST_LENGTH;
    }

    /** What a member says to itself never leaves the process, and is this very object. */
    @Override
    public boolean authenticate(AuthToken token, Message message) {
        return token == this || isProof(token, message);
    }

    private boolean isProof(AuthToken token, Message message) {
        return secret != null
                && token instanceof MembershipToken shown
                && bytes(message.getSrc())
                        .map(sender -> secret.matches(shown.digest, PURPOSE, shown.nonce, sender))
                        .orElse(false);
    }

    /** A proof of this member's own, anew each time. */
    @Override
    public void writeTo(DataOutput out) throws IOException {
        byte[] fresh = new byte[NONCE_LENGTH];
        random.nextBytes(fresh);
        byte[] own = bytes(auth.getAddress()).orElseThrow(() -> new IOException("This member has no address yet."));
        out.write(fresh);
        out.write(secret == null ? digest : secret.digest(PURPOSE, fresh, own));
    }

    @Override
    public void readFrom(DataInput in) throws IOException {
        nonce = new byte[NONCE_LENGTH];
        digest = new byte[Secret.DIGEST_LENGTH];
        in.readFully(nonce);
        in.readFully(digest);
    }

    private static Optional<byte[]> bytes(@Nullable Address address) {
        try {
            return address == null ? Optional.empty() : Optional.of(Util.objectToByteBuffer(address));
        } catch (IOException notWritable) {
            return Optional.empty();
        }
    }
}
