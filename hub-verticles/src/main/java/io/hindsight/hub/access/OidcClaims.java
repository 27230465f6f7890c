package io.hindsight.hub.access;

import com.nimbusds.jwt.JWTClaimsSet;
import io.hindsight.config.AccessConfig.Oidc;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds the claims of a token against the configuration, and makes a caller of them. Here and not by the library's verifier, because that lets a token pass whose
 * {@code exp} is there and null, and does not look at {@code iat}. Immutable.
 */
final class OidcClaims {
    /** How far the issuer's clock and this one may be apart. */
    static final Duration MAX_SKEW = Duration.ofSeconds(60);

    /** Longer names are not accepted, so that two of them are never cut to the same one. In characters. */
    static final int MAX_NAME_LENGTH = 128;

    /** Before each name: no name of a token file or of Kubernetes starts so. */
    static final String PREFIX = "oidc:";

    private static final String EMAIL = "email";
    private static final String EMAIL_VERIFIED = "email_verified";

    /** Letters and digits of any script, ASCII's other printable ones: nothing that turns a line's direction, or hides in it. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{M}\\p{Nd} -~]++");

    private final Oidc oidc;
    private final Map<String, Role> roles;
    private final InstantSource clock;

    OidcClaims(Oidc oidc, InstantSource clock) {
        this.oidc = oidc;
        this.roles = roles(oidc);
        this.clock = clock;
    }

    private static Map<String, Role> roles(Oidc oidc) {
        Map<String, Role> roles = new HashMap<>();
        oidc.viewers().forEach(group -> roles.put(group, Role.VIEWER));
        oidc.analysts().forEach(group -> roles.put(group, Role.ANALYST));
        oidc.admins().forEach(group -> roles.put(group, Role.ADMIN));
        return Map.copyOf(roles);
    }

    /** Who it is, if the signature is the issuer's; without permissions where no group has a role. */
    Caller caller(JWTClaimsSet claims) throws RefusedTokenException {
        requireAddressedToUs(claims);
        requireNow(claims);
        String subject = claims.getSubject();
        if (subject == null || subject.isBlank()) {
            throw new RefusedTokenException(OidcRefusal.CLAIMS, "it has no sub");
        }
        return Caller.ofUser(PREFIX + name(claims), permissions(claims));
    }

    private void requireAddressedToUs(JWTClaimsSet claims) throws RefusedTokenException {
        if (!oidc.issuer().toString().equals(claims.getIssuer())) {
            throw new RefusedTokenException(OidcRefusal.CLAIMS, "its iss is another");
        }
        if (!claims.getAudience().contains(oidc.audience())) {
            throw new RefusedTokenException(
                    OidcRefusal.AUDIENCE, "its aud does not have oidc-audience=" + oidc.audience());
        }
        if (claims.getClaim("events") != null) {
            throw new RefusedTokenException(OidcRefusal.TYPE, "it is a security event (RFC 8417), such as a logout");
        }
    }

    private void requireNow(JWTClaimsSet claims) throws RefusedTokenException {
        Instant now = clock.instant();
        Instant expiry = instant(claims.getExpirationTime());
        if (expiry == null) {
            throw new RefusedTokenException(OidcRefusal.CLAIMS, "it has no exp");
        }
        if (!now.minus(MAX_SKEW).isBefore(expiry)) {
            throw new RefusedTokenException(OidcRefusal.EXPIRED, "exp=" + expiry + " is past");
        }
        requirePast("nbf", instant(claims.getNotBeforeTime()), now);
        requirePast("iat", instant(claims.getIssueTime()), now);
    }

    private static void requirePast(String claim, @Nullable Instant time, Instant now) throws RefusedTokenException {
        if (time != null && time.isAfter(now.plus(MAX_SKEW))) {
            throw new RefusedTokenException(OidcRefusal.EARLY, claim + "=" + time + " is to come");
        }
    }

    private static @Nullable Instant instant(@Nullable Date claim) {
        return claim == null ? null : claim.toInstant();
    }

    private String name(JWTClaimsSet claims) throws RefusedTokenException {
        String claim = oidc.nameClaim();
        if (!(claims.getClaim(claim) instanceof String name)
                || name.isEmpty()
                || !name.equals(name.strip())
                || name.length() > MAX_NAME_LENGTH
                || !NAME.matcher(name).matches()) {
            throw new RefusedTokenException(
                    OidcRefusal.CLAIMS,
                    "oidc-name-claim="
                            + claim
                            + " is not in it, or is no text of 1 to "
                            + MAX_NAME_LENGTH
                            + " printable characters");
        }
        // Where everybody may enter an address, everybody could be anybody.
        if (claim.equals(EMAIL)
                && claims.getClaim(EMAIL_VERIFIED) != null
                && !Boolean.TRUE.equals(claims.getClaim(EMAIL_VERIFIED))) {
            throw new RefusedTokenException(OidcRefusal.CLAIMS, "its email is not verified");
        }
        return name;
    }

    /** Of the highest role that a group has. The token's length bounds how many there are. */
    private Set<Permission> permissions(JWTClaimsSet claims) {
        Object groups = claims.getClaim(oidc.groupsClaim());
        Stream<?> each = groups instanceof List<?> several ? several.stream() : Stream.ofNullable(groups);
        Optional<Role> highest =
                each.filter(String.class::isInstance)
                        .map(String.class::cast)
                        .flatMap(group -> Stream.ofNullable(roles.get(group)))
                        .max(Comparator.naturalOrder());
        return highest.map(Role::permissions).orElseGet(() -> EnumSet.noneOf(Permission.class));
    }
}
