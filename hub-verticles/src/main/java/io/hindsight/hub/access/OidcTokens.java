package io.hindsight.hub.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import io.hindsight.config.AccessConfig.Oidc;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes the JWTs of one OpenID Connect issuer: ID tokens and access tokens (RFC 9068) that are made for this Hub. A token of another issuer is passed over. In this order,
 * cheapest first: known already; algorithm and type; claims; the key; the signature, on a worker ({@code hindsight-oidc}), because one of P-521 takes 4 ms. Thread-safe.
 */
public final class OidcTokens implements Authenticator {
    private static final long MAX_EXECUTE_S = 10;

    private final Vertx vertx;
    private final Oidc oidc;
    private final OidcLimits limits;
    private final InstantSource clock;
    private final OidcClaims claims;
    private final OidcKeySource keys;
    private final OidcRefusals refusals;
    private final VerifiedTokens verified = new VerifiedTokens();
    private final WorkerExecutor worker;
    private final AtomicInteger checks = new AtomicInteger();

    /** A key, and the set that it is of. */
    private record Found(OidcKeys keys, JWSVerifier verifier) {}

    private OidcTokens(Vertx vertx, Oidc oidc, OidcKeySource keys, OidcLimits limits, InstantSource clock) {
        this.vertx = vertx;
        this.oidc = oidc;
        this.limits = limits;
        this.clock = clock;
        this.claims = new OidcClaims(oidc, clock);
        this.keys = keys;
        this.refusals = new OidcRefusals(oidc.issuer());
        this.worker = vertx.createSharedWorkerExecutor("hindsight-oidc", 1, MAX_EXECUTE_S, TimeUnit.SECONDS);
    }

    /**
     * Reads the file of certificates, so call it on a worker, and starts to ask the issuer.
     *
     * @throws HindsightException INVALID_CONFIGURATION where the file cannot be used
     */
    static OidcTokens of(Vertx vertx, Oidc oidc, OidcLimits limits, InstantSource clock) {
        OidcIssuer issuer = new OidcIssuer(vertx, oidc.issuer(), OidcAuthority.load(oidc.authority()), limits);
        OidcKeySource keys = new OidcKeySource(vertx, oidc.issuer(), issuer, limits);
        keys.start();
        return new OidcTokens(vertx, oidc, keys, limits, clock);
    }

    @Override
    public Future<Optional<Caller>> authenticate(String token) {
        String digest = sha256(token);
        Optional<Caller> again = remembered(digest);
        if (again.isPresent()) {
            return Future.succeededFuture(again);
        }
        return OidcJwt.of(token)
                .filter(jwt -> jwt.isOf(oidc.issuer()))
                .map(jwt -> onContextOfCaller(check(jwt, digest)))
                .orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    /** Those that were verified lately. */
    @Override
    public boolean answersAtOnce(String token) {
        return remembered(sha256(token)).isPresent();
    }

    private Optional<Caller> remembered(String digest) {
        OidcKeys believed = keys.current();
        return believed == null ? Optional.empty() : verified.find(digest, believed, clock.instant());
    }

    private Future<Optional<Caller>> check(OidcJwt jwt, String digest) {
        return accepted(jwt, digest)
                .map(Optional::of)
                .recover(failure -> {
                    if (failure instanceof RefusedTokenException refused) {
                        refusals.add(refused);
                        return Future.succeededFuture(Optional.empty());
                    }
                    return Future.failedFuture(failure);
                });
    }

    private Future<Caller> accepted(OidcJwt jwt, String digest) {
        try {
            jwt.requireAcceptable();
            Caller caller = claims.caller(jwt.claims());
            return keys.keys()
                    .compose(all -> key(jwt, all))
                    .compose(found ->
                            signature(jwt, found.verifier)
                                    .map(valid -> {
                                        remember(jwt, digest, caller, found.keys);
                                        return caller;
                                    }));
        } catch (RefusedTokenException refused) {
            return Future.failedFuture(refused);
        }
    }

    private Future<Found> key(OidcJwt jwt, OidcKeys all) {
        List<JWSVerifier> matching = all.matching(jwt.header());
        return matching.isEmpty()
                ? keys.newerThan(all).compose(others -> onlyOne(jwt, others, others.matching(jwt.header())))
                : onlyOne(jwt, all, matching);
    }

    /** OpenID Connect Core 1.0, 10.1: where there are several, a token names its own. None is tried that was not meant. */
    private static Future<Found> onlyOne(OidcJwt jwt, OidcKeys all, List<JWSVerifier> matching) {
        if (matching.size() == 1) {
            return Future.succeededFuture(new Found(all, matching.getFirst()));
        }
        return Future.failedFuture(
                new RefusedTokenException(
                        OidcRefusal.KEY,
                        "kid="
                                + jwt.shownKeyId()
                                + " is of "
                                + matching.size()
                                + " keys of the issuer, of which keys="
                                + all.size()
                                + " can be used"));
    }

    private Future<Boolean> signature(OidcJwt jwt, JWSVerifier verifier) {
        if (checks.incrementAndGet() > limits.maxChecks()) {
            checks.decrementAndGet();
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.TOO_MANY_REQUESTS,
                            "limit=" + limits.maxChecks() + " tokens wait for their signatures to be verified."));
        }
        return worker.executeBlocking(() -> requireSigned(jwt, verifier), false)
                .onComplete(done -> checks.decrementAndGet());
    }

    /** On the worker. */
    private static boolean requireSigned(OidcJwt jwt, JWSVerifier verifier) throws RefusedTokenException {
        boolean valid;
        try {
            valid = jwt.signed().verify(verifier);
        } catch (JOSEException | RuntimeException otherKind) {
            // The key's curve is not the algorithm's, or the signature is not of its length.
            valid = false;
        }
        if (!valid) {
            throw new RefusedTokenException(
                    OidcRefusal.SIGNATURE, "its signature is not of the key kid=" + jwt.shownKeyId());
        }
        return true;
    }

    private void remember(OidcJwt jwt, String digest, Caller caller, OidcKeys of) {
        Date expiry = jwt.claims().getExpirationTime();
        if (expiry != null) {
            verified.put(digest, caller, of, expiry.toInstant());
        }
    }

    /** Whatever thread the answer comes on. */
    private <T> Future<T> onContextOfCaller(Future<T> answer) {
        if (answer.isComplete()) {
            return answer;
        }
        Context caller = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        answer.onComplete((result, failure) -> caller.runOnContext(back -> promise.complete(result, failure)));
        return promise.future();
    }

    private static String sha256(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** Tokens of the issuer that were not accepted. */
    public long refused(OidcRefusal cause) {
        return refusals.count(cause);
    }

    /** Whether the issuer answers. */
    public boolean isIssuerUp() {
        return !keys.isDown();
    }

    /** Keys of the issuer that are believed now. */
    public int keyCount() {
        OidcKeys believed = keys.current();
        return believed == null ? 0 : believed.size();
    }

    @Override
    public void close() {
        keys.close();
        worker.close();
    }
}
