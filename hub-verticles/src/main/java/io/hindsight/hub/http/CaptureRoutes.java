package io.hindsight.hub.http;

import io.hindsight.bus.BusFailures;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** {@code /capture}. Stateless. */
final class CaptureRoutes {
    private final BusClient hub;

    CaptureRoutes(BusClient hub) {
        this.hub = hub;
    }

    void get(RoutingContext context) {
        hub.capture().onSuccess(capture -> answer(context, capture)).onFailure(context::fail);
    }

    /** All of a policy: what is left out is not restricted. */
    void set(RoutingContext context) {
        JsonObject policy =
                new JsonObject()
                        .put("namespaces", new JsonArray())
                        .put("excludedNamespaces", new JsonArray())
                        .mergeIn(Parameters.of(context).getBody().getJsonObject());
        hub.setCapture(context, policy, context.request().getHeader(HttpHeaders.IF_MATCH))
                .onSuccess(capture -> answer(context, capture))
                .onFailure(failure -> context.fail(refusal(failure)));
    }

    private static void answer(RoutingContext context, JsonObject capture) {
        context.response().putHeader(HttpHeaders.ETAG, "\"" + capture.getLong("revision") + "\"");
        Answers.json(context, 200, capture);
    }

    /** Another revision than the one that the caller has seen: HTTP has a status for that. */
    private static Throwable refusal(Throwable failure) {
        HindsightException known = BusFailures.asHindsight(failure);
        return known.code() == ErrorCode.WRONG_STATE
                ? new ProblemException(
                        Problem.ofField(412, ErrorCode.WRONG_STATE, "If-Match", String.valueOf(known.getMessage())))
                : known;
    }
}
