package io.hindsight.hub.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The issuer's public keys (RFC 7517), of one answer. What cannot be used is left out: keys of other kinds, too weak ones, secret ones. Immutable. */
final class OidcKeys {
    private static final int MIN_RSA_BITS = 2_048;
    private static final int MAX_RSA_BITS = 8_192;
    private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

    private record Key(JWK jwk, JWSVerifier verifier) {}

    private final List<Key> keys;
    private final int leftOut;

    private OidcKeys(List<Key> keys, int leftOut) {
        this.keys = List.copyOf(keys);
        this.leftOut = leftOut;
    }

    /**
     * Of a JWK set.
     *
     * @throws ParseException where it is none, or has too many keys
     */
    static OidcKeys of(Map<String, Object> document, int maxKeys) throws ParseException {
        if (!(document.get("keys") instanceof List<?> listed)) {
            throw new ParseException("it has no keys", 0);
        }
        if (listed.size() > maxKeys) {
            throw new ParseException("it has keys=" + listed.size() + ", limit=" + maxKeys, 0);
        }
        List<Key> usable = new ArrayList<>();
        for (Object each : listed) {
            if (each instanceof Map<?, ?> fields) {
                addUsable(usable, fields);
            }
        }
        return new OidcKeys(usable, listed.size() - usable.size());
    }

    private static void addUsable(List<Key> usable, Map<?, ?> fields) {
        try {
            @SuppressWarnings("unchecked") // of a JSON object
            JWK jwk = JWK.parse((Map<String, Object>) fields);
            boolean signs = jwk.getKeyUse() == null || Objects.equals(jwk.getKeyUse(), KeyUse.SIGNATURE);
            if (!signs || jwk.isPrivate()) {
                return;
            }
            if (jwk instanceof RSAKey rsa && rsa.size() >= MIN_RSA_BITS && rsa.size() <= MAX_RSA_BITS) {
                usable.add(new Key(jwk, new RSASSAVerifier(rsa)));
            } else if (jwk instanceof ECKey ec && CURVES.contains(ec.getCurve())) {
                usable.add(new Key(jwk, new ECDSAVerifier(ec)));
            }
        } catch (ParseException | JOSEException | RuntimeException unusable) {
            // Issuers list keys for others too; how many are left out is logged with the set.
            return;
        }
    }

    /** Those that may have signed a token with this header: of its algorithm and its key id. */
    List<JWSVerifier> matching(JWSHeader header) {
        JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
        return keys.stream().filter(key -> matcher.matches(key.jwk)).map(Key::verifier).toList();
    }

    int size() {
        return keys.size();
    }

    /** Keys of the answer that cannot be used. */
    int leftOut() {
        return leftOut;
    }
}
