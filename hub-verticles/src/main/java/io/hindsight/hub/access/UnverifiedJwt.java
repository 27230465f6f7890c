package io.hindsight.hub.access;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a token says of itself (RFC 7519), which anybody can write: good for not bothering others with what they cannot accept, and for no trust.
 *
 * @param audiences that it claims to be made for
 * @param expiry when it claims to end; null: it does not say
 */
record UnverifiedJwt(List<String> audiences, @Nullable Instant expiry) {
    private static final Pattern COMPACT = Pattern.compile("[\\w-]++\\.([\\w-]++)\\.[\\w-]++");

    /** The year 9999: later is no time that anybody means. */
    private static final long LAST_SECOND = 253_402_300_799L;

    UnverifiedJwt {
        audiences = List.copyOf(audiences);
    }

    /** Empty for what is no signed JWT in compact form: three parts in base64url, the second of which is a JSON object. */
    static Optional<UnverifiedJwt> of(String token) {
        var shape = COMPACT.matcher(token);
        if (token.length() > Authenticators.MAX_TOKEN_LENGTH || !shape.matches()) {
            return Optional.empty();
        }
        try {
            Buffer claims = Buffer.buffer(Base64.getUrlDecoder().decode(shape.group(1)));
            return Json.decodeValue(claims) instanceof JsonObject object ? Optional.of(of(object)) : Optional.empty();
        } catch (IllegalArgumentException | DecodeException malformed) {
            return Optional.empty();
        }
    }

    private static UnverifiedJwt of(JsonObject claims) {
        return new UnverifiedJwt(audiences(claims.getValue("aud")), instant(claims.getValue("exp")));
    }

    /** A string or a list of them. */
    private static List<String> audiences(@Nullable Object claim) {
        return switch (claim) {
            case String one -> List.of(one);
            case JsonArray several ->
                    several.stream().filter(String.class::isInstance).map(String.class::cast).toList();
            case null, default -> List.of();
        };
    }

    private static @Nullable Instant instant(@Nullable Object claim) {
        return claim instanceof Number seconds
                ? Instant.ofEpochSecond(Math.clamp(seconds.longValue(), 0, LAST_SECOND))
                : null;
    }

    /** Whether it claims to be made for this audience. */
    boolean isFor(String audience) {
        return audiences.contains(audience);
    }
}
