package io.hindsight.agent.link;

import io.fabric8.kubernetes.client.Config;
import io.hindsight.bridge.HubWords;
import io.hindsight.config.HubService;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.endpoint.EndpointResolver;
import io.vertx.serviceresolver.ServiceAddress;
import io.vertx.serviceresolver.kube.KubeResolver;
import io.vertx.serviceresolver.kube.KubeResolverOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the Hub by its service, with Vert.x's Kubernetes resolver: at each dial anew, and one of the pods that are ready then.
 *
 * <p>The resolver's own caching is not used: what it has resolved is disposed of at once. It keeps a watch that starts at the same version for ever, which the API server
 * refuses after minutes, and goes on asking without a pause, with the addresses of then; and it keeps the token that it was made with. A dial is rare, one list of
 * the endpoints of the Hub's namespace is cheap, and each takes the credentials as they are by then.
 *
 * <p>Belongs to the link's context.
 */
final class ServiceLocator implements HubLocator {
    private static final Pattern REFUSAL = Pattern.compile("Invalid status code (\\d{3})(?: : (.*))?", Pattern.DOTALL);

    private final Vertx vertx;
    private final HubService service;
    private final Supplier<Config> access;
    private final Duration patience;

    private @Nullable ApiCredentials shown;
    private @Nullable EndpointResolver<ServiceAddress, SocketAddress, Object, ServiceEndpoints> resolver;

    /**
     * On a worker: it looks for the way to the API server once, so that a missing one shows at the start.
     *
     * @param access the way to the API server as it is by then; may read files
     * @param patience until the API server has answered
     */
    ServiceLocator(Vertx vertx, HubService service, Supplier<Config> access, Duration patience) {
        this.vertx = vertx;
        this.service = service;
        this.access = access;
        this.patience = patience;
        ApiCredentials.of(access.get());
    }

    @Override
    public Future<SocketAddress> locate() {
        return vertx.executeBlocking(() -> ApiCredentials.of(access.get()))
                .compose(credentials ->
                        listed(credentials).recover(failure -> Future.failedFuture(told(credentials, failure))))
                .map(this::picked);
    }

    /** A late answer is disposed of too: its watch must not live on. */
    private Future<ServiceEndpoints> listed(ApiCredentials credentials) {
        var kubernetes = resolver(credentials);
        return kubernetes
                .resolve(ServiceAddress.of(service.name()), ServiceEndpoints.NONE)
                .map(state -> {
                    ServiceEndpoints endpoints = kubernetes.endpoint(state);
                    kubernetes.dispose(state);
                    if (endpoints == null) {
                        throw missing("The service " + service + " is not there, or selects no pod");
                    }
                    return endpoints;
                })
                .timeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Another one where the credentials are others; the last one's clients close themselves when nothing holds them any more. */
    private EndpointResolver<ServiceAddress, SocketAddress, Object, ServiceEndpoints> resolver(
            ApiCredentials credentials) {
        var present = resolver;
        if (present == null || !credentials.equals(shown)) {
            present = made(credentials);
            resolver = present;
            shown = credentials;
        }
        return present;
    }

    /** The resolver's factory has no type parameters: it takes service addresses and hands out what the builder built. */
    @SuppressWarnings("unchecked")
    private EndpointResolver<ServiceAddress, SocketAddress, Object, ServiceEndpoints> made(ApiCredentials credentials) {
        HttpClientOptions http =
                new HttpClientOptions()
                        .setConnectTimeout((int) patience.toMillis())
                        .setReadIdleTimeout((int) patience.toSeconds())
                        .setVerifyHost(credentials.verified());
        WebSocketClientOptions watch =
                new WebSocketClientOptions()
                        .setConnectTimeout((int) patience.toMillis())
                        .setIdleTimeout((int) patience.toSeconds()) // one that is never answered ends too
                        .setVerifyHost(credentials.verified());
        credentials.applyTo(http);
        credentials.applyTo(watch);
        return KubeResolver.create(
                        new KubeResolverOptions()
                                .setServer(credentials.address())
                                .setNamespace(service.namespace())
                                .setBearerToken(credentials.token())
                                .setHttpClientOptions(http)
                                .setWebSocketClientOptions(watch))
                .endpointResolver(vertx);
    }

    private SocketAddress picked(ServiceEndpoints endpoints) {
        List<SocketAddress> ready = endpoints.addresses();
        if (ready.isEmpty()) {
            throw missing(noneReady());
        }
        if (service.port() == 0) {
            requireOnePort(ready);
        }
        List<SocketAddress> fitting =
                ready.stream().filter(at -> service.port() == 0 || at.port() == service.port()).toList();
        if (fitting.isEmpty()) {
            throw missing(noneReady() + " at port=" + service.port() + ", only at " + ports(ready));
        }
        return fitting.get(ThreadLocalRandom.current().nextInt(fitting.size()));
    }

    private void requireOnePort(List<SocketAddress> ready) {
        if (ready.stream().mapToInt(SocketAddress::port).distinct().count() > 1) {
            String choice = "name one of " + ports(ready) + ", as in hub=kubernetes://" + service + ":PORT";
            throw missing("The service " + service + " has several ports: " + choice);
        }
    }

    private static String ports(List<SocketAddress> ready) {
        return ready.stream().map(at -> String.valueOf(at.port())).distinct().collect(Collectors.joining(", "));
    }

    private String noneReady() {
        return "The service " + service + " has no ready endpoint";
    }

    /** The resolver trips over a service whose pods are all not ready, which has no list of addresses then. */
    private HindsightException told(ApiCredentials credentials, Throwable failure) {
        if (failure instanceof HindsightException known) {
            return known;
        }
        if (failure instanceof NullPointerException) {
            return missing(noneReady());
        }
        String words = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        Matcher refusal = REFUSAL.matcher(words);
        if (refusal.matches()) {
            return missing(
                    "The API server at "
                            + credentials
                            + " does not list the endpoints of namespace="
                            + service.namespace()
                            + ": HTTP status "
                            + refusal.group(1)
                            + detail(refusal.group(2)));
        }
        return missing("The API server at " + credentials + " cannot be asked where the Hub is: " + why(failure));
    }

    private String why(Throwable failure) {
        return failure instanceof TimeoutException
                ? "it gave no answer within limit=" + patience.toMillis() + " ms"
                : HubWords.of(failure);
    }

    /** The words of a Kubernetes Status. */
    private static String detail(@Nullable String body) {
        if (body == null) {
            return "";
        }
        try {
            return new JsonObject(body).getValue("message") instanceof String words ? ", " + HubWords.of(words) : "";
        } catch (DecodeException | ClassCastException notAStatus) {
            return ", " + HubWords.of(body);
        }
    }

    private static HindsightException missing(String words) {
        return new HindsightException(ErrorCode.UPSTREAM_UNREACHABLE, words);
    }
}
