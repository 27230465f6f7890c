package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Answers what is not even HTTP, before there is a router. Stateless. */
final class InvalidRequestAnswer implements Handler<HttpServerRequest> {
    private final HttpLimits limits;

    InvalidRequestAnswer(HttpLimits limits) {
        this.limits = limits;
    }

    @Override
    public void handle(HttpServerRequest request) {
        Problem problem = problemOf(request.decoderResult().cause());
        HttpServerResponse response = request.response();
        response.setStatusCode(problem.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .putHeader(HttpHeaders.CONNECTION, "close")
                .end(problem.toJson().toBuffer())
                .onComplete(sent -> request.connection().close());
    }

    private Problem problemOf(Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException line ->
                    Problem.ofField(
                            414,
                            ErrorCode.INVALID_REQUEST,
                            "uri",
                            "The request line is longer than limit=" + limits.maxUriBytes() + " bytes.");
            case TooLongHttpHeaderException headers ->
                    Problem.ofField(
                            431,
                            ErrorCode.INVALID_REQUEST,
                            "headers",
                            "The headers are longer than limit=" + limits.maxHeaderBytes() + " bytes.");
            case null, default ->
                    Problem.ofField(
                            400, ErrorCode.INVALID_REQUEST, "request", "This is not a well-formed HTTP request.");
        };
    }
}
