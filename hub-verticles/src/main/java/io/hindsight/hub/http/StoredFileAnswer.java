package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.ExportPlan;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.FileNotFoundException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sends a stored file, or a range of it, from the page cache to the socket (RFC 9110, sections 13 and 14). Used once. */
final class StoredFileAnswer {
    private final Vertx vertx;
    private final HttpLimits limits;
    private final RoutingContext context;
    private final HttpServerResponse response;
    private final ExportPlan.StoredCopy copy;
    private final String etag;
    private final Consumer<Boolean> ended;

    StoredFileAnswer(
            Vertx vertx,
            HttpLimits limits,
            RoutingContext context,
            ExportPlan.StoredCopy copy,
            String etag,
            Consumer<Boolean> ended) {
        this.ended = ended;
        this.vertx = vertx;
        this.limits = limits;
        this.context = context;
        this.response = context.response();
        this.copy = copy;
        this.etag = etag;
    }

    void send() {
        response.putHeader(HttpHeaders.ETAG, etag)
                .putHeader(HttpHeaders.ACCEPT_RANGES, "bytes")
                // A sealed file never changes, but the answer may need a token: only the client itself may keep it.
                .putHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
        if (names(header("If-None-Match"))) {
            response.setStatusCode(304).end();
            return;
        }
        try {
            send(range());
        } catch (HindsightException refused) {
            response.putHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + copy.length());
            context.fail(refused);
        }
    }

    private Optional<ByteRange> range() {
        String condition = header("If-Range");
        boolean applies = condition == null || condition.equals(etag);
        return applies ? ByteRange.of(header("Range"), copy.length()) : Optional.empty();
    }

    private void send(Optional<ByteRange> part) {
        part.ifPresent(
                range -> response.setStatusCode(206).putHeader(HttpHeaders.CONTENT_RANGE, range.header(copy.length())));
        ByteRange bytes = part.orElse(new ByteRange(0, copy.length()));
        if (HttpMethod.HEAD.equals(context.request().method())) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(bytes.length())).end();
        } else {
            SendWatch watch = SendWatch.start(vertx, context, limits, () -> ended.accept(false));
            response.sendFile(copy.file().toString(), bytes.offset(), bytes.length())
                    .onFailure(this::failed)
                    .onComplete(sent -> {
                        watch.stop(vertx);
                        ended.accept(sent.succeeded());
                    });
        }
    }

    private void failed(Throwable failure) {
        boolean deleted = failure instanceof FileNotFoundException || failure instanceof NoSuchFileException;
        context.fail(
                deleted
                        ? new HindsightException(
                                ErrorCode.SNAPSHOT_NOT_FOUND, "The snapshot was deleted meanwhile.", failure)
                        : failure);
    }

    private boolean names(@Nullable String condition) {
        return condition != null
                && Arrays.stream(condition.split(","))
                        .map(String::strip)
                        .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
    }

    private @Nullable String header(String name) {
        return context.request().getHeader(name);
    }
}
