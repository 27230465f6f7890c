package io.hindsight.hub.access;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.text.ParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A token with the shape of a signed JWT (RFC 7515, 7519), of which nothing is verified yet. Not changed once it is made. */
final class OidcJwt {
    /** RSA and ECDSA alone: who can verify cannot sign. {@code none} and HMAC (RFC 8725, 2.1) are not among them. */
    static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.PS384,
                    JWSAlgorithm.PS512,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384,
                    JWSAlgorithm.ES512);

    /** ID tokens, and access tokens with (RFC 9068) and without a type of their own. */
    private static final Set<JOSEObjectType> TYPES =
            Set.of(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"));

    /** What the library would pass over: it ignores what is not base64url. */
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");

    private static final int MAX_SHOWN = 64;

    private final SignedJWT jwt;
    private final JWTClaimsSet claims;

    private OidcJwt(SignedJWT jwt, JWTClaimsSet claims) {
        this.jwt = jwt;
        this.claims = claims;
    }

    /** Empty for what is no JWT, or is none with a signature. */
    static Optional<OidcJwt> of(String token) {
        if (token.length() > Authenticators.MAX_TOKEN_LENGTH || !SHAPE.matcher(token).matches()) {
            return Optional.empty();
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            return claims == null ? Optional.empty() : Optional.of(new OidcJwt(jwt, claims));
        } catch (ParseException | RuntimeException notOne) {
            // Anybody's bytes: whatever the parser says of them, they are no token of the issuer.
            return Optional.empty();
        }
    }

    /** Whether it says to be of this issuer; anybody can say so. */
    boolean isOf(URI issuer) {
        return issuer.toString().equals(claims.getIssuer());
    }

    JWTClaimsSet claims() {
        return claims;
    }

    JWSHeader header() {
        return jwt.getHeader();
    }

    SignedJWT signed() {
        return jwt;
    }

    /** Refuses what no key makes acceptable. */
    void requireAcceptable() throws RefusedTokenException {
        JWSHeader header = header();
        if (!ALGORITHMS.contains(header.getAlgorithm())) {
            throw new RefusedTokenException(
                    OidcRefusal.ALGORITHM, "alg=" + shown(header.getAlgorithm().getName()) + " is not RS, PS or ES");
        }
        if (header.getCriticalParams() != null || !header.isBase64URLEncodePayload()) {
            throw new RefusedTokenException(OidcRefusal.ALGORITHM, "its header has crit or b64");
        }
        if (header.getType() != null && !TYPES.contains(header.getType())) {
            throw new RefusedTokenException(
                    OidcRefusal.TYPE, "typ=" + shown(header.getType().getType()) + " is not JWT or at+jwt");
        }
        requireCanonicalSignature(jwt.getSignature().toString());
    }

    /** Of the bits of a signature's last character some mean nothing. Another spelling of a token is another token, and not the issuer's. */
    private static void requireCanonicalSignature(String signature) throws RefusedTokenException {
        if (!signature.equals(canonical(signature))) {
            throw new RefusedTokenException(OidcRefusal.SIGNATURE, "its signature is no base64url");
        }
    }

    private static @Nullable String canonical(String signature) {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Base64.getUrlDecoder().decode(signature));
        } catch (IllegalArgumentException noBase64) {
            return null;
        }
    }

    /** The id of its key, for people. */
    String shownKeyId() {
        String id = header().getKeyID();
        return id == null ? "none" : shown(id);
    }

    private static String shown(String text) {
        String cut = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
        return cut.replaceAll("[^!-~]", "?");
    }
}
