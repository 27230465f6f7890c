package io.hindsight.hub.http;

import io.hindsight.bus.BusFailures;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers whatever failed with problem details: the only place that does. Stateless. */
final class ProblemHandler implements Handler<RoutingContext> {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemHandler.class);
    private static final String RETRY_AFTER_SECONDS = "2";

    private final int maxBodyBytes;
    private final AccessCustody refusals;

    ProblemHandler(HttpLimits limits, AccessCustody refusals) {
        this.maxBodyBytes = limits.maxBodyBytes();
        this.refusals = refusals;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            LOG.debug("{} failed after its answer", context.request().path(), context.failure());
        } else if (response.headWritten()) {
            // The path alone: people put tokens into queries.
            LOG.warn("{} broke off in the middle of its answer", context.request().path(), context.failure());
            // At once: a client that takes nothing would hold the connection open for ever.
            Channels.abort(context);
        } else {
            Problem problem = problemOf(context);
            refusals.answered(context, problem);
            answer(context, problem);
        }
    }

    private static void answer(RoutingContext context, Problem problem) {
        HttpServerResponse response = context.response().setStatusCode(problem.status());
        response.putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE);
        response.headers().remove(HttpHeaders.CONTENT_DISPOSITION);
        if (problem.status() == 401) {
            response.putHeader("WWW-Authenticate", "Bearer realm=\"hindsight\"");
        }
        if (problem.status() == 405) {
            response.putHeader(HttpHeaders.ALLOW, AllowedMethods.of(context));
        }
        if (problem.code().retryable()) {
            response.putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if (!context.request().isEnded()) {
            // What is left of the body is not worth reading: the connection ends with this answer.
            response.putHeader(HttpHeaders.CONNECTION, "close");
        }
        if (HttpMethod.HEAD.equals(context.request().method())) {
            response.end();
        } else {
            response.end(problem.toJson().toBuffer());
        }
    }

    private Problem problemOf(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure == null) {
            return ofStatus(unmatchedStatus(context), context);
        }
        return switch (failure) {
            case ProblemException refusal -> refusal.problem();
            case HindsightException known -> ofFailure(context, known);
            case ValidatorException invalid -> ValidationProblem.of(invalid);
            case HttpException http when http.getCause() instanceof ValidatorException invalid ->
                    ValidationProblem.of(invalid);
            case HttpException http -> ofStatus(http.getStatusCode(), context);
            // Of Netty: chunk sizes that are no numbers, and the like.
            case Throwable framing when RequestReader.isTakingBody(context) && !isCallers(context.statusCode()) ->
                    Problem.ofField(400, ErrorCode.INVALID_REQUEST, "body", "The body is not well-formed HTTP.");
            // Of Vert.x itself: it found fault with the request.
            default ->
                    isCallers(context.statusCode())
                            ? ofStatus(context.statusCode(), context)
                            : ofFailure(context, failure);
        };
    }

    /** A router within a router does not say why no route matched. */
    private static int unmatchedStatus(RoutingContext context) {
        if (context.statusCode() > 0) {
            return context.statusCode();
        }
        return AllowedMethods.isKnownPath(context) ? 405 : 404;
    }

    private static boolean isCallers(int status) {
        return status >= 400 && status < 500;
    }

    private static Problem ofFailure(RoutingContext context, Throwable failure) {
        HindsightException known = BusFailures.asHindsight(failure);
        if (known.code() != ErrorCode.INTERNAL) {
            return Problem.of(known);
        }
        String id = UUID.randomUUID().toString();
        LOG.error("id={} {} {} failed", id, context.request().method(), context.request().path(), failure);
        return Problem.unexpected(id);
    }

    private Problem ofStatus(int status, RoutingContext context) {
        @Nullable String path = context.request().path();
        return switch (status) {
            case 404 ->
                    Problem.of(404, ErrorCode.NOT_FOUND, "There is no path=" + path + "; see /api/v1/openapi.yaml.");
            case 405 ->
                    Problem.of(
                            405,
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "The path takes "
                                    + AllowedMethods.of(context)
                                    + ", not "
                                    + context.request().method()
                                    + ".");
            case 406 -> Problem.ofField(406, ErrorCode.INVALID_REQUEST, "Accept", "The answer is of another type.");
            case 413 ->
                    Problem.ofField(
                            413,
                            ErrorCode.PAYLOAD_TOO_LARGE,
                            "body",
                            "The request body is larger than limit=" + maxBodyBytes + " bytes.");
            case 415 ->
                    Problem.ofField(
                            415, ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Type", "The body is application/json.");
            case 417 -> Problem.ofField(417, ErrorCode.INVALID_REQUEST, "Expect", "Only 100-continue is expected.");
            default -> otherStatus(status, context);
        };
    }

    private static Problem otherStatus(int status, RoutingContext context) {
        if (isCallers(status)) {
            return Problem.of(status, ErrorCode.INVALID_REQUEST, "The request is malformed.");
        }
        Throwable failure = context.failure();
        return ofFailure(context, failure == null ? new IllegalStateException("status=" + status) : failure);
    }
}
