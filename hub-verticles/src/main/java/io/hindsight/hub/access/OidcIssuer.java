package io.hindsight.hub.access;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks the issuer for its keys: OpenID Connect Discovery 1.0, then the {@code jwks_uri} that it names, each time anew, over HTTPS alone, without following redirects. Every
 * answer is bounded in length and time. What it fails with is for the log; it may tell of the network. Thread-safe.
 */
final class OidcIssuer implements AutoCloseable {
    /** Of a {@code jwks_uri}, in characters. */
    static final int MAX_URI_LENGTH = 2_048;

    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final Pattern MAX_AGE = Pattern.compile("(?i)(?:^|[ ,])max-age=(\\d{1,9})(?:$|[ ,])");
    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int HANDSHAKE_TIMEOUT_S = 5;
    private static final int OK = 200;

    private final Vertx vertx;
    private final URI issuer;
    private final OidcLimits limits;

    /** Kept: Vert.x closes a client that nobody refers to. */
    private final HttpClient client;

    /**
     * @param authority PEM certificates to trust; null: the system's
     */
    OidcIssuer(Vertx vertx, URI issuer, @Nullable Buffer authority, OidcLimits limits) {
        this.vertx = vertx;
        this.issuer = issuer;
        this.limits = limits;
        this.client =
                vertx.createHttpClient(options(authority), new PoolOptions().setHttp1MaxSize(2).setMaxWaitQueueSize(2));
    }

    private static HttpClientOptions options(@Nullable Buffer authority) {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setSsl(true)
                        .setVerifyHost(true)
                        .setKeepAlive(false) // a request now and then
                        .setDecompressionSupported(false) // what is short on the way may be long here
                        .setConnectTimeout(CONNECT_TIMEOUT_MS);
        options.setSslHandshakeTimeout(HANDSHAKE_TIMEOUT_S).setSslHandshakeTimeoutUnit(TimeUnit.SECONDS);
        if (authority != null) {
            options.setTrustOptions(new PemTrustOptions().addCertValue(authority));
        }
        return options;
    }

    /**
     * Keys, as the issuer has them now.
     *
     * @param fresh how long it says that they are, as it came
     */
    record Fetched(OidcKeys keys, @Nullable Duration fresh) {}

    private record Answer(Map<String, Object> document, @Nullable Duration fresh) {}

    /** What it has now. */
    Future<Fetched> fetch() {
        return get(discovery()).compose(answer -> get(keysUri(answer.document))).map(this::fetched);
    }

    private URI discovery() {
        String text = issuer.toString();
        // Discovery 1.0, 4.1: a slash at the end is taken off.
        return URI.create((text.endsWith("/") ? text.substring(0, text.length() - 1) : text) + DISCOVERY);
    }

    private URI keysUri(Map<String, Object> document) {
        if (!issuer.toString().equals(document.get("issuer"))) {
            throw broken(
                    "its discovery document is of another issuer than oidc-issuer; they must be equal to the letter");
        }
        if (!(document.get("jwks_uri") instanceof String text) || text.length() > MAX_URI_LENGTH) {
            throw broken("its discovery document has no jwks_uri of at most " + MAX_URI_LENGTH + " characters");
        }
        try {
            URI uri = URI.create(text);
            if (!"https".equals(uri.getScheme()) || uri.getHost() == null || uri.getRawUserInfo() != null) {
                throw broken("its jwks_uri is no https address");
            }
            return uri;
        } catch (IllegalArgumentException noAddress) {
            throw broken("its jwks_uri is no address");
        }
    }

    private Fetched fetched(Answer answer) {
        try {
            return new Fetched(OidcKeys.of(answer.document, limits.maxKeys()), answer.fresh);
        } catch (ParseException noKeys) {
            throw broken("its answer holds no key set: " + noKeys.getMessage());
        }
    }

    private Future<Answer> get(URI uri) {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setAbsoluteURI(uri.toString())
                        .setFollowRedirects(false)
                        .putHeader(HttpHeaders.ACCEPT, "application/json");
        return client.request(options).compose(request -> exchange(request, uri));
    }

    private Future<Answer> exchange(HttpClientRequest request, URI uri) {
        Promise<Answer> whole = Promise.promise();
        long deadline =
                vertx.setTimer(
                        limits.requestTimeout().toMillis(),
                        late ->
                                whole.tryFail(
                                        broken("no whole answer in " + limits.requestTimeout() + " from " + uri)));
        request.send().onSuccess(response -> receive(response, uri, whole)).onFailure(whole::tryFail);
        return whole.future()
                .onComplete(done -> {
                    vertx.cancelTimer(deadline);
                    if (done.failed()) {
                        request.reset();
                    }
                });
    }

    private void receive(HttpClientResponse response, URI uri, Promise<Answer> whole) {
        if (response.statusCode() != OK) {
            whole.tryFail(broken("status=" + response.statusCode() + " from " + uri + "; redirects are not followed"));
            return;
        }
        Buffer body = Buffer.buffer();
        response.exceptionHandler(whole::tryFail);
        response.handler(part -> {
            if (body.length() + part.length() <= limits.maxDocumentBytes()) {
                body.appendBuffer(part);
            } else {
                whole.tryFail(broken("more than limit=" + limits.maxDocumentBytes() + " bytes from " + uri));
            }
        });
        response.endHandler(end -> {
            try {
                whole.tryComplete(new Answer(json(body), fresh(response.getHeader(HttpHeaders.CACHE_CONTROL))));
            } catch (ParseException noJson) {
                whole.tryFail(broken("no JSON object from " + uri));
            }
        });
    }

    private static Map<String, Object> json(Buffer body) throws ParseException {
        return JSONObjectUtils.parse(body.toString(StandardCharsets.UTF_8));
    }

    private static @Nullable Duration fresh(@Nullable String cacheControl) {
        Matcher maxAge = MAX_AGE.matcher(cacheControl == null ? "" : cacheControl);
        return maxAge.find() ? Duration.ofSeconds(Long.parseLong(maxAge.group(1))) : null;
    }

    private static VertxException broken(String why) {
        return new VertxException(why, true);
    }

    @Override
    public void close() {
        client.close();
    }
}
