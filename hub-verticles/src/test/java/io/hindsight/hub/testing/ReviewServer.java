package io.hindsight.hub.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The part of Kubernetes' API server that reviews tokens, over real HTTP: what comes is held against Kubernetes' own models, strictly, and answers are made of them, with the token in them as the
 * real one has it.
 */
public final class ReviewServer implements AutoCloseable {
    /** That the Hub shows to this server. */
    public static final String OWN_TOKEN = "the-token-of-the-hub-itself";

    /** Of the Hub. */
    public static final String AUDIENCE = "hindsight";

    private static final String TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";
    private static final String ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger made = new AtomicInteger();
    private @Nullable HttpServer server;
    private int port;

    /** Tokens that were reviewed. */
    public final List<String> tokenReviews = new CopyOnWriteArrayList<>();

    /** {@code USER VERB} of access reviews. */
    public final List<String> accessReviews = new CopyOnWriteArrayList<>();

    /** Paths of pods that were read. */
    public final List<String> podReads = new CopyOnWriteArrayList<>();

    /** What is not as Kubernetes has it. */
    public final List<String> violations = new CopyOnWriteArrayList<>();

    // Guarded by this.
    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, Set<String>> allowed = new HashMap<>();
    private final Map<String, JsonObject> pods = new HashMap<>();
    private final Map<String, String> answers = new HashMap<>();
    private final Map<String, Integer> statuses = new HashMap<>();
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;
    private boolean ignoringAudiences;

    private record Account(String user, List<String> audiences, Map<String, List<String>> extra, boolean valid) {}

    public ReviewServer() {
        start();
    }

    /** On the same port as before. */
    public void start() {
        HttpServer started = vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port));
        started.requestHandler(request -> request.body().onSuccess(body -> handle(request, body.toString())));
        server = started;
        port = started.listen().await().actualPort();
    }

    public void stop() {
        Objects.requireNonNull(server).close().await();
    }

    /** How to reach it, in a file of this folder. */
    public Path kubeconfig(Path folder) {
        String text =
                """
                apiVersion: v1
                kind: Config
                clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: hub, user: {token: %s}}]
                contexts: [{name: test, context: {cluster: test, user: hub}}]
                current-context: test
                """
                        .formatted(port, OWN_TOKEN);
        try {
            return Files.writeString(folder.resolve("kubeconfig"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A token of the Hub's audience, for an hour. */
    public String token(String user) {
        return token(user, Map.of());
    }

    /** With what the review tells beside. */
    public String token(String user, Map<String, List<String>> extra) {
        return token(user, List.of(AUDIENCE), Instant.now().plusSeconds(3600), extra);
    }

    /** As a JWT that says what this server believes of it. */
    public synchronized String token(
            String user, List<String> audiences, Instant expiry, Map<String, List<String>> extra) {
        String token =
                jwt(
                        new JsonObject()
                                .put("sub", user)
                                .put("aud", new JsonArray(audiences))
                                .put("exp", expiry.getEpochSecond()));
        accounts.put(token, new Account(user, audiences, extra, true));
        return token;
    }

    /** One that this server has never heard of. */
    public String jwt(JsonObject claims) {
        return base64("{\"alg\":\"RS256\",\"kid\":\"k\"}")
                + "."
                + base64(claims.encode())
                + "."
                + base64("signature-number-" + made.incrementAndGet() + "-that-nobody-may-see");
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The token is not accepted any more. */
    public synchronized void expire(String token) {
        accounts.computeIfPresent(
                token, (key, account) -> new Account(account.user, account.audiences, account.extra, false));
    }

    /** RBAC allows exactly these verbs on snapshots.hindsight.io. */
    public synchronized void allow(String user, String... verbs) {
        allowed.put(user, Set.of(verbs));
    }

    public synchronized void pod(String namespace, String name, String uid, @Nullable String node) {
        pods.put(
                "/api/v1/namespaces/" + namespace + "/pods/" + name,
                json(
                        new PodBuilder()
                                .withMetadata(metadata(namespace, name, uid))
                                .withNewSpec()
                                .withNodeName(node)
                                .endSpec()
                                .build()));
    }

    private static ObjectMeta metadata(String namespace, String name, String uid) {
        ObjectMeta metadata = new ObjectMeta();
        metadata.setNamespace(namespace);
        metadata.setName(name);
        metadata.setUid(uid);
        return metadata;
    }

    public synchronized void deletePod(String namespace, String name) {
        pods.remove("/api/v1/namespaces/" + namespace + "/pods/" + name);
    }

    /** Accepts tokens of every audience, and says none, as a server does that does not know of them. */
    public synchronized void ignoreAudiences() {
        ignoringAudiences = true;
    }

    /** Answers paths that start so with a status; 0: as usual. */
    public synchronized void refuse(String path, int status) {
        statuses.put(path, status);
    }

    /** Answers paths that start so with these bytes. */
    public synchronized void answer(String path, String body) {
        answers.put(path, body);
    }

    /** From now on everything waits. */
    public synchronized void hold() {
        holding = true;
    }

    /** Answers what waits. */
    public void release() {
        List<Runnable> all;
        synchronized (this) {
            holding = false;
            all = List.copyOf(held);
            held.clear();
        }
        all.forEach(Runnable::run);
    }

    private void handle(HttpServerRequest request, String body) {
        check(("Bearer " + OWN_TOKEN).equals(request.getHeader("Authorization")), "the Hub's own token");
        synchronized (this) {
            note(request, body);
            if (holding) {
                held.add(() -> reply(request, body));
                return;
            }
        }
        reply(request, body);
    }

    private void note(HttpServerRequest request, String body) {
        switch (request.path()) {
            case TOKEN_REVIEWS -> tokenReviews.add(new JsonObject(body).getJsonObject("spec").getString("token"));
            case ACCESS_REVIEWS -> {
                JsonObject spec = new JsonObject(body).getJsonObject("spec");
                accessReviews.add(
                        spec.getString("user") + " " + spec.getJsonObject("resourceAttributes").getString("verb"));
            }
            default -> podReads.add(request.path());
        }
    }

    private synchronized void reply(HttpServerRequest request, String body) {
        String path = request.path();
        int status =
                statuses.entrySet().stream()
                        .filter(one -> path.startsWith(one.getKey()))
                        .mapToInt(Map.Entry::getValue)
                        .sum();
        String fixed =
                answers.entrySet().stream()
                        .filter(one -> path.startsWith(one.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(null);
        if (status != 0) {
            // As admission errors do: it quotes what was sent.
            send(request, status, new JsonObject().put("kind", "Status").put("message", "no: " + body).encode());
        } else if (fixed != null) {
            send(request, 200, fixed);
        } else {
            switch (path) {
                case TOKEN_REVIEWS -> send(request, 201, review(request, read(body, TokenReview.class)).encode());
                case ACCESS_REVIEWS ->
                        send(request, 201, review(request, read(body, SubjectAccessReview.class)).encode());
                default -> pod(request);
            }
        }
    }

    private static void send(HttpServerRequest request, int status, String body) {
        request.response().setStatusCode(status).putHeader("Content-Type", "application/json").end(body);
    }

    /** As the model has it, and nothing that the model does not have. */
    private <T> T read(String body, Class<T> type) {
        try {
            T read = JSON.readValue(body, type);
            check(
                    JSON.valueToTree(read).equals(JSON.readTree(body)),
                    type.getSimpleName() + " is not read as it was sent: " + body);
            return read;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonObject review(HttpServerRequest request, TokenReview review) {
        check(
                request.method().equals(HttpMethod.POST)
                        && review.getApiVersion().equals("authentication.k8s.io/v1")
                        && review.getKind().equals("TokenReview"),
                "a TokenReview");
        check(
                review.getAdditionalProperties().isEmpty() && review.getSpec().getAdditionalProperties().isEmpty(),
                "no fields of its own");
        check(review.getSpec().getAudiences().equals(List.of(AUDIENCE)), "the audience");
        Account account = accounts.get(review.getSpec().getToken());
        List<String> common =
                account == null
                        ? List.of()
                        : account.audiences.stream().filter(review.getSpec().getAudiences()::contains).toList();
        TokenReviewBuilder answer = new TokenReviewBuilder(review);
        if (account == null || !account.valid || (common.isEmpty() && !ignoringAudiences)) {
            return json(
                    answer.withNewStatus()
                            .withAuthenticated(false)
                            .withError("invalid bearer token " + review.getSpec().getToken())
                            .endStatus()
                            .build());
        }
        return json(
                answer.withNewStatus()
                        .withAuthenticated(true)
                        .withAudiences(ignoringAudiences ? List.of() : common)
                        .withNewUser()
                        .withUsername(account.user)
                        .withUid("uid-of-" + account.user)
                        .withGroups("system:authenticated", "group-of-" + account.user)
                        .withExtra(account.extra)
                        .endUser()
                        .endStatus()
                        .build());
    }

    private JsonObject review(HttpServerRequest request, SubjectAccessReview review) {
        check(
                request.method().equals(HttpMethod.POST)
                        && review.getApiVersion().equals("authorization.k8s.io/v1")
                        && review.getKind().equals("SubjectAccessReview"),
                "a SubjectAccessReview");
        var spec = review.getSpec();
        var asked = spec.getResourceAttributes();
        check(
                review.getAdditionalProperties().isEmpty()
                        && spec.getAdditionalProperties().isEmpty()
                        && asked.getAdditionalProperties().isEmpty(),
                "no fields of its own");
        check(
                asked.getGroup().equals("hindsight.io") && asked.getResource().equals("snapshots"),
                "snapshots.hindsight.io");
        check(asked.getNamespace() == null && asked.getName() == null && asked.getSubresource() == null, "all of them");
        check(spec.getUid().equals("uid-of-" + spec.getUser()), "the uid");
        check(spec.getGroups().equals(List.of("system:authenticated", "group-of-" + spec.getUser())), "the groups");
        Map<String, List<String>> extra =
                accounts.values().stream()
                        .filter(one -> one.user.equals(spec.getUser()))
                        .findFirst()
                        .orElseThrow()
                        .extra;
        check(extra.equals(spec.getExtra()), "what else was reviewed");
        boolean yes = allowed.getOrDefault(spec.getUser(), Set.of()).contains(asked.getVerb());
        return json(new SubjectAccessReviewBuilder(review).withNewStatus().withAllowed(yes).endStatus().build());
    }

    private void pod(HttpServerRequest request) {
        check(request.method().equals(HttpMethod.GET), "a GET");
        JsonObject pod = pods.get(request.path());
        if (pod == null) {
            send(request, 404, new JsonObject().put("kind", "Status").put("code", 404).encode());
        } else {
            send(request, 200, pod.encode());
        }
    }

    private static JsonObject json(Object model) {
        try {
            return new JsonObject(JSON.writeValueAsString(model));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            violations.add(what);
        }
    }

    /** How many questions there were. */
    public int questions() {
        return tokenReviews.size() + accessReviews.size() + podReads.size();
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
