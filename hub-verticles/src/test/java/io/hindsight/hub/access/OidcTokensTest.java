package io.hindsight.hub.access;

import static com.nimbusds.jose.JWSAlgorithm.ES256;
import static com.nimbusds.jose.JWSAlgorithm.HS256;
import static com.nimbusds.jose.JWSAlgorithm.PS256;
import static com.nimbusds.jose.JWSAlgorithm.RS256;
import static com.nimbusds.jose.JWSAlgorithm.RS512;
import static io.hindsight.hub.access.OidcFixture.assertRefused;
import static io.hindsight.hub.access.OidcFixture.caller;
import static io.hindsight.hub.testing.TestIssuer.signed;
import static io.hindsight.hub.testing.TestIssuer.time;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import io.hindsight.hub.testing.LogLines;
import io.hindsight.hub.testing.TestIssuer;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens of an issuer are accepted, and what their owners may do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OidcTokensTest {
    private static final RSAKey RSA = TestIssuer.rsa("rsa");
    private static final ECKey EC = TestIssuer.ec("ec", Curve.P_256);

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    private OidcFixture fixture;
    private OidcTokens tokens;

    @BeforeAll
    void start(@TempDir Path folder) {
        fixture = new OidcFixture(folder);
        fixture.issuer.published.add(RSA);
        fixture.issuer.published.add(EC);
        fixture.issuer.published.add(TestIssuer.ec("ec-384", Curve.P_384));
        fixture.issuer.published.add(TestIssuer.ec("ec-521", Curve.P_521));
        fixture.issuer.start();
        tokens =
                fixture.tokens(
                        fixture.issuer.oidc(), OidcFixture.LIMITS, () -> Clock.systemUTC().instant().plus(ahead.get()));
        OidcFixture.asked(tokens, 4);
    }

    @AfterEach
    void resetClock() {
        ahead.set(Duration.ZERO);
    }

    @AfterAll
    void stop() {
        tokens.close();
        fixture.close();
    }

    private JWTClaimsSet.Builder claims(String... groups) {
        return fixture.issuer.claims("alice", groups);
    }

    private static JWSHeader.Builder header(JWSAlgorithm algorithm) {
        return new JWSHeader.Builder(algorithm).keyID(RSA.getKeyID());
    }

    private Set<Permission> permissions(JWTClaimsSet claims) {
        Optional<Caller> caller = caller(tokens, signed(RSA, claims));
        assertThat(caller).isPresent();
        return caller.orElseThrow().permissions();
    }

    @Test
    void shouldGiveTheHighestRoleOfTheGroups() {
        assertThat(permissions(claims("readers").build())).isEqualTo(Role.VIEWER.permissions());
        assertThat(permissions(claims("responders", "readers").build())).isEqualTo(Role.ANALYST.permissions());
        assertThat(permissions(claims("x", "owners", "readers").build())).isEqualTo(EnumSet.allOf(Permission.class));
        assertThat(permissions(claims().claim("groups", "responders").build())).isEqualTo(Role.ANALYST.permissions());
    }

    @Test
    void shouldKnowACallerWithoutARoleAndPermitNothing() {
        for (Object none :
                new Object[] {
                    List.of(), List.of("Owners", " owners", "owner"), List.of(1, true, List.of("owners")), 7, ""
                }) {
            Caller caller = caller(tokens, signed(RSA, claims().claim("groups", none).build())).orElseThrow();
            assertThat(caller.name()).isEqualTo("oidc:alice");
            assertThat(caller.usesApi()).isFalse();
            assertThat(caller.joins()).isFalse();
        }
        assertThat(permissions(claims().claim("groups", null).build())).isEmpty();
    }

    @Test
    void shouldFindOneGroupAmongThousands() {
        String[] groups = Collections.nCopies(2_500, "g").toArray(String[]::new);
        groups[2_499] = "owners";
        String token = signed(RSA, claims(groups).build());
        assertThat(token.length()).isBetween(10_000, Authenticators.MAX_TOKEN_LENGTH);
        assertThat(caller(tokens, token).orElseThrow().permissions()).isEqualTo(Role.ADMIN.permissions());
    }

    @Test
    void shouldTakeEveryAsymmetricAlgorithmAndNoOther() throws JOSEException {
        for (JWSAlgorithm each :
                List.of(RS256, JWSAlgorithm.RS384, RS512, PS256, JWSAlgorithm.PS384, JWSAlgorithm.PS512)) {
            assertThat(caller(tokens, signed(RSA, header(each).build(), claims().build())))
                    .as(each.getName())
                    .isPresent();
        }
        for (var key : fixture.issuer.published.subList(1, 4)) {
            assertThat(caller(tokens, signed(key, claims().build()))).as(key.getKeyID()).isPresent();
        }
        byte[] publicKey = RSA.toRSAPublicKey().getEncoded();
        String pem = RSA.toPublicJWK().toJSONString();
        for (byte[] secret : List.of(publicKey, pem.getBytes(StandardCharsets.UTF_8), RSA.getModulus().decode())) {
            assertRefused(
                    tokens,
                    OidcRefusal.ALGORITHM,
                    signed(new MACSigner(secret), header(HS256).build(), claims().build()));
        }
        assertThat(caller(tokens, new PlainJWT(claims("owners").build()).serialize())).isEmpty();
        for (String none : List.of("none", "None", "NONE", "nOnE", "", "ES256K", "EdDSA", "RS1")) {
            assertThat(caller(tokens, forged(none, signed(RSA, claims("owners").build())))).as(none).isEmpty();
        }
    }

    /** The same with another algorithm in its header, and with the signature and without. */
    private static String forged(String algorithm, String token) {
        String header = new JsonObject().put("alg", algorithm).put("kid", RSA.getKeyID()).encode();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + token.substring(token.indexOf('.'));
    }

    @Test
    void shouldRefuseAHeaderThatAsksForMoreThanItsKey() {
        assertRefused(
                tokens,
                OidcRefusal.ALGORITHM,
                signed(
                        RSA,
                        header(RS256).criticalParams(Set.of("exp")).customParam("exp", 1).build(),
                        claims().build()));
        assertRefused(
                tokens,
                OidcRefusal.TYPE,
                signed(RSA, header(RS256).type(new JOSEObjectType("logout+jwt")).build(), claims().build()));
        assertRefused(
                tokens, OidcRefusal.TYPE, signed(RSA, claims().claim("events", new JsonObject().getMap()).build()));
        for (String type : List.of("JWT", "jwt", "at+jwt", "application/at+jwt")) {
            assertThat(
                            caller(
                                    tokens,
                                    signed(
                                            RSA,
                                            header(RS256).type(new JOSEObjectType(type)).build(),
                                            claims().build())))
                    .as(type)
                    .isPresent();
        }
        // A key that the token brings along is not the issuer's, whatever it is called.
        RSAKey own = TestIssuer.rsa("rsa");
        assertRefused(
                tokens,
                OidcRefusal.SIGNATURE,
                signed(own, header(RS256).jwk(own.toPublicJWK()).build(), claims("owners").build()));
        assertRefused(tokens, OidcRefusal.SIGNATURE, signed(own, header(RS256).build(), claims("owners").build()));
    }

    @Test
    void shouldTakeATokenWithoutAKeyIdOnlyWhereOneKeyCanBeMeant() {
        assertThat(caller(tokens, signed(RSA, new JWSHeader(RS256), claims().build()))).isPresent();
        // Three keys of this kind.
        assertRefused(tokens, OidcRefusal.KEY, signed(EC, new JWSHeader(ES256), claims().build()));
        assertRefused(tokens, OidcRefusal.KEY, signed(RSA, header(RS256).keyID("nobody's").build(), claims().build()));
        // Of another kind than the key of this id.
        assertRefused(tokens, OidcRefusal.KEY, signed(EC, header(ES256).build(), claims().build()));
        // Of another curve: ES256 with the key of ES384.
        assertRefused(
                tokens, OidcRefusal.SIGNATURE, signed(EC, header(ES256).keyID("ec-384").build(), claims().build()));
    }

    @Test
    void shouldHoldATokenToItsTimes() {
        assertRefused(
                tokens,
                OidcRefusal.EXPIRED,
                signed(RSA, claims().expirationTime(time(Duration.ofSeconds(-70))).build()));
        assertThat(caller(tokens, signed(RSA, claims().expirationTime(time(Duration.ofSeconds(-50))).build())))
                .isPresent();
        assertRefused(
                tokens, OidcRefusal.EARLY, signed(RSA, claims().notBeforeTime(time(Duration.ofSeconds(70))).build()));
        assertThat(caller(tokens, signed(RSA, claims().notBeforeTime(time(Duration.ofSeconds(50))).build())))
                .isPresent();
        assertRefused(tokens, OidcRefusal.EARLY, signed(RSA, claims().issueTime(time(Duration.ofSeconds(70))).build()));
        assertRefused(tokens, OidcRefusal.CLAIMS, signed(RSA, claims().expirationTime(null).build()));
    }

    @Test
    void shouldNotTakeAnEndThatIsNoTimeForNoEnd() {
        for (String end : List.of("null", "-1", "9223372036854775807", "1e300", "-9223372036854775808")) {
            assertThat(caller(tokens, rawSigned("\"exp\":" + end))).as(end).isEmpty();
        }
        for (String end : List.of("\"tomorrow\"", "true", "[4102444800]", "{}")) {
            assertThat(caller(tokens, rawSigned("\"exp\":" + end))).as(end).isEmpty();
        }
        assertThat(caller(tokens, rawSigned("\"exp\":4102444800"))).isPresent();
    }

    /** With claims as no builder writes them. */
    private String rawSigned(String claims) {
        String payload =
                "{\"iss\":\"%s\",\"aud\":[\"hindsight\"],\"sub\":\"alice\",%s}"
                        .formatted(fixture.issuer.issuer(), claims);
        try {
            var signed = new com.nimbusds.jose.JWSObject(header(RS256).build(), new com.nimbusds.jose.Payload(payload));
            signed.sign(new com.nimbusds.jose.crypto.RSASSASigner(RSA));
            return signed.serialize();
        } catch (JOSEException broken) {
            throw new AssertionError(broken);
        }
    }

    @Test
    void shouldNotAcceptAKnownTokenPastItsEnd() {
        String token = signed(RSA, claims("readers").build());
        assertThat(caller(tokens, token)).isPresent();
        assertThat(tokens.authenticate(token).isComplete()).as("without a worker").isTrue();
        ahead.set(Duration.ofMinutes(7));
        assertRefused(tokens, OidcRefusal.EXPIRED, token);
    }

    @Test
    void shouldTakeATokenOnlyIfItIsMadeForThisHub() {
        assertRefused(tokens, OidcRefusal.AUDIENCE, signed(RSA, claims().audience("grafana").build()));
        assertRefused(tokens, OidcRefusal.AUDIENCE, signed(RSA, claims().audience(List.of()).build()));
        assertRefused(tokens, OidcRefusal.AUDIENCE, signed(RSA, claims().audience((String) null).build()));
        assertRefused(tokens, OidcRefusal.AUDIENCE, signed(RSA, claims().audience("hindsight2").build()));
        assertThat(caller(tokens, signed(RSA, claims().audience(List.of("grafana", "hindsight")).build()))).isPresent();
    }

    @Test
    void shouldPassOverWhatIsOfNobodyOrOfAnotherIssuer() {
        try (LogLines log = new LogLines()) {
            for (String other :
                    List.of(
                            signed(RSA, claims().issuer("https://other.example").build()),
                            signed(RSA, claims().issuer(fixture.issuer.issuer() + "/").build()),
                            signed(RSA, claims().issuer(null).build()),
                            "correct-horse-battery-staple",
                            "a.b.c",
                            "..",
                            "",
                            "x".repeat(Authenticators.MAX_TOKEN_LENGTH),
                            "é.é.é")) {
                assertThat(tokens.authenticate(other).result()).as(other).isEmpty();
            }
            assertThat(log.text()).isEmpty();
        }
    }

    @Test
    void shouldNotLookAtATokenThatIsTooLong() {
        String huge = signed(RSA, claims("owners").claim("picture", "x".repeat(20_000)).build());
        assertThat(tokens.authenticate(huge).result()).isEmpty();
    }

    @Test
    void shouldNameOnlyWhomOthersCanReadAndTellApart() {
        for (String good : List.of("alice", "Jürgen Müller", "山田", "a@b.example", "f:1b2c:bob", "x".repeat(128))) {
            Caller caller = caller(tokens, signed(RSA, fixture.issuer.claims(good).build())).orElseThrow();
            assertThat(caller.name()).isEqualTo("oidc:" + good);
        }
        for (String bad :
                List.of("", " ", "alice ", " alice", "a\nb", "a\u0000", "a\u202Eb", "a\u200Bb", "x".repeat(129))) {
            assertRefused(tokens, OidcRefusal.CLAIMS, signed(RSA, fixture.issuer.claims(bad).build()));
        }
        assertRefused(tokens, OidcRefusal.CLAIMS, signed(RSA, claims().subject(null).build()));
    }

    @Test
    void shouldTakeAnAddressForANameOnlyIfTheIssuerVerifiedIt() {
        try (OidcTokens byAddress =
                fixture.tokens(
                        fixture.issuer.oidc(fixture.authority, "email"), OidcFixture.LIMITS, Clock.systemUTC())) {
            assertThat(
                            caller(byAddress, signed(RSA, claims().claim("email", "a@b.example").build()))
                                    .orElseThrow()
                                    .name())
                    .isEqualTo("oidc:a@b.example");
            for (Object unverified : new Object[] {false, "true", 1}) {
                assertRefused(
                        byAddress,
                        OidcRefusal.CLAIMS,
                        signed(
                                RSA,
                                claims().claim("email", "a@b.example").claim("email_verified", unverified).build()));
            }
            assertRefused(byAddress, OidcRefusal.CLAIMS, signed(RSA, claims().build()));
            assertRefused(byAddress, OidcRefusal.CLAIMS, signed(RSA, claims().claim("email", List.of("a")).build()));
        }
    }

    @Test
    void shouldAcceptNoTokenWithABitTurnedOver() {
        for (var key : List.of(RSA, EC)) {
            String valid = signed(key, claims("owners").build());
            assertThat(caller(tokens, valid)).isPresent();
            byte[] bytes = valid.getBytes(StandardCharsets.ISO_8859_1);
            for (long bit = 0; bit < (long) bytes.length * Byte.SIZE; bit++) {
                String flipped = new String(Mutations.flipBit(bytes, bit), StandardCharsets.ISO_8859_1);
                assertThat(caller(tokens, flipped)).as("bit %d of %s", bit, valid).isEmpty();
            }
        }
    }

    @Test
    void shouldAcceptNothingThatWasMadeOfAValidToken() {
        Random random = new Random(17);
        String valid = signed(RSA, claims("owners").build());
        byte[] bytes = valid.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 5_000; i++) {
            String mutated = new String(Mutations.mutate(bytes, random), StandardCharsets.ISO_8859_1);
            if (!mutated.equals(valid)) {
                assertThat(caller(tokens, mutated)).as(mutated).isEmpty();
            }
        }
    }

    @Test
    void shouldReadClaimsOfAnyShapeAndFailOnNone() {
        Random random = new Random(6);
        byte[] payload =
                claims("owners")
                        .claim("nested", List.of(List.of(1, true)))
                        .build()
                        .toString()
                        .getBytes(StandardCharsets.UTF_8);
        byte[] header = header(RS256).build().toString().getBytes(StandardCharsets.UTF_8);
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        for (int i = 0; i < 3_000; i++) {
            String token =
                    encoder.encodeToString(i % 2 == 0 ? Mutations.mutate(header, random) : header)
                            + "."
                            + encoder.encodeToString(Mutations.mutate(payload, random))
                            + ".AAAA";
            assertThat(caller(tokens, token)).as(token).isEmpty();
        }
        for (String deep : List.of("[".repeat(9_000), "{\"a\":".repeat(2_000), "{\"iss\":" + "[".repeat(6_000))) {
            String token =
                    encoder.encodeToString(header)
                            + "."
                            + encoder.encodeToString(deep.getBytes(StandardCharsets.UTF_8))
                            + ".AAAA";
            assertThat(caller(tokens, token)).isEmpty();
        }
    }

    @Test
    void shouldLogTheFirstRefusalOfACauseAndNeverTheToken() {
        try (LogLines log = new LogLines();
                OidcTokens fresh = OidcFixture.asked(fixture.tokens(), 4)) {
            String token = signed(RSA, claims().audience("grafana").build());
            String forged =
                    signed(RSA, header(RS256).keyID("no\nbo\u001Bdy's" + "x".repeat(500)).build(), claims().build());
            for (int i = 0; i < 3; i++) {
                assertRefused(fresh, OidcRefusal.AUDIENCE, token);
                assertRefused(fresh, OidcRefusal.KEY, forged);
            }
            assertThat(log.with("cause=audience")).hasSize(1).first().asString().contains("oidc-audience=hindsight");
            assertThat(log.with("cause=key")).hasSize(1).first().asString().contains("no?bo?dy's").hasSizeLessThan(500);
            for (String part : List.of(token, forged, token.split("\\.", 3)[1], token.split("\\.", 3)[2])) {
                assertThat(log.text()).doesNotContain(part);
            }
        }
    }
}
