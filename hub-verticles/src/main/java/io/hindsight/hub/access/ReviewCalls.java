package io.hindsight.hub.access;

import io.hindsight.error.HindsightException;
import io.hindsight.kubernetes.KubernetesApi;
import io.hindsight.kubernetes.KubernetesApi.Answer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The questions themselves, and how their answers are read: TokenReview (authentication.k8s.io/v1), SubjectAccessReview (authorization.k8s.io/v1), pods. What is not of the type that Kubernetes
 * says is no answer. Thread-safe. The only place that a token leaves the Hub from.
 */
final class ReviewCalls {
    private static final int NOT_FOUND = 404;

    private final KubernetesApi api;
    private final String audience;
    private final ApiTroubles troubles = new ApiTroubles();

    ReviewCalls(KubernetesApi api, String audience) {
        this.api = api;
        this.audience = audience;
    }

    /** Whose token this is; empty where the API server does not accept it for the audience. */
    Future<Optional<ReviewedUser>> user(String token) {
        JsonObject spec = new JsonObject().put("token", token).put("audiences", new JsonArray().add(audience));
        return review(ApiQuestion.TOKEN_REVIEW, "authentication.k8s.io/v1", "TokenReview", spec).map(this::accepted);
    }

    private Optional<ReviewedUser> accepted(JsonObject status) {
        if (!Boolean.TRUE.equals(status.getValue("authenticated"))) {
            return Optional.empty();
        }
        // An API server that knows nothing of audiences says none: it would accept a token that was made for something
        // else.
        if (!(status.getValue("audiences") instanceof JsonArray audiences && audiences.contains(audience))) {
            troubles.notTaken("the review does not confirm token-audience=" + audience + ".");
            return Optional.empty();
        }
        Optional<ReviewedUser> user =
                status.getValue("user") instanceof JsonObject told ? ReviewedUser.of(told) : Optional.empty();
        if (user.isEmpty()) {
            troubles.notTaken(
                    "its user has no name, one of more than limit="
                            + ReviewedUser.MAX_NAME_LENGTH
                            + " characters or with control characters, or groups and extra of more than limit="
                            + ReviewedUser.MAX_LENGTH
                            + " characters altogether.");
        }
        return user;
    }

    /** What this user may do; all at once. */
    Future<Set<Permission>> permissions(ReviewedUser user) {
        List<Future<Optional<Permission>>> answers =
                Arrays.stream(Permission.values()).map(permission -> ifAllowed(user, permission)).toList();
        return Future.all(answers)
                .map(all ->
                        answers.stream()
                                .flatMap(answer -> answer.result().stream())
                                .collect(Collectors.toUnmodifiableSet()));
    }

    private Future<Optional<Permission>> ifAllowed(ReviewedUser user, Permission permission) {
        JsonObject spec =
                new JsonObject()
                        .put("user", user.name())
                        .put("groups", user.groups())
                        .put(
                                "resourceAttributes",
                                new JsonObject()
                                        .put("group", Permission.GROUP)
                                        .put("resource", Permission.RESOURCE)
                                        .put("verb", permission.verb()));
        if (!user.uid().isEmpty()) {
            spec.put("uid", user.uid());
        }
        if (!user.extra().isEmpty()) {
            spec.put("extra", user.extra());
        }
        return review(ApiQuestion.ACCESS_REVIEW, "authorization.k8s.io/v1", "SubjectAccessReview", spec)
                .map(status -> Optional.of(permission).filter(asked -> isAllowed(status)));
    }

    private static boolean isAllowed(JsonObject status) {
        return Boolean.TRUE.equals(status.getValue("allowed")) && !Boolean.TRUE.equals(status.getValue("denied"));
    }

    private Future<JsonObject> review(ApiQuestion question, String version, String kind, JsonObject spec) {
        JsonObject review = new JsonObject().put("apiVersion", version).put("kind", kind).put("spec", spec);
        return asked(question, api.post(question.path(), review))
                .compose(answer -> answer.isSuccess() ? part(question, answer, "status") : refused(question, answer));
    }

    /**
     * The node that a pod runs on; empty where there is no such pod any more, it is another one of that name, or it runs nowhere.
     *
     * @param namespace as Kubernetes has them: it goes into a path
     * @param pod likewise
     */
    Future<Optional<String>> nodeOf(String namespace, String pod, String uid) {
        return asked(ApiQuestion.POD, api.get(ApiQuestion.POD.path() + namespace + "/pods/" + pod))
                .compose(answer -> {
                    if (answer.status() == NOT_FOUND) {
                        troubles.answered(ApiQuestion.POD);
                        return Future.succeededFuture(Optional.empty());
                    }
                    return answer.isSuccess() ? nodeOf(answer, uid) : refused(ApiQuestion.POD, answer);
                });
    }

    private Future<Optional<String>> nodeOf(Answer answer, String uid) {
        return part(ApiQuestion.POD, answer, "metadata")
                .map(metadata ->
                        uid.equals(metadata.getValue("uid"))
                                        && answer.body().getValue("spec") instanceof JsonObject spec
                                        && spec.getValue("nodeName") instanceof String node
                                ? Optional.of(node)
                                : Optional.empty());
    }

    private Future<Answer> asked(ApiQuestion question, Future<Answer> answer) {
        return answer.recover(failure -> Future.failedFuture(troubles.noAnswer(question, words(failure))));
    }

    private static String words(Throwable failure) {
        return failure instanceof HindsightException known ? String.valueOf(known.getMessage()) : failure.toString();
    }

    private <T> Future<T> refused(ApiQuestion question, Answer answer) {
        return Future.failedFuture(troubles.refused(question, answer.status()));
    }

    private Future<JsonObject> part(ApiQuestion question, Answer answer, String name) {
        if (answer.body().getValue(name) instanceof JsonObject part) {
            troubles.answered(question);
            return Future.succeededFuture(part);
        }
        return Future.failedFuture(
                troubles.noAnswer(question, "The answer of " + api.address() + " has no " + name + "."));
    }

    void close() {
        api.close();
    }
}
