package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** How answers are written. */
final class Answers {
    static final String JSON = "application/json";

    private static final int MIN_COMPRESSED = 1 << 10;
    private static final int MAX_COMPRESSED = 1 << 20;

    private Answers() {}

    static void json(RoutingContext context, int status, JsonObject body) {
        json(context, status, body.toBuffer());
    }

    static void json(RoutingContext context, int status, Buffer body) {
        HttpServerResponse response = context.response();
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        if (isWorthCompressing(body) && takesGzip(context)) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip").end(gzip(body));
        } else {
            response.end(body);
        }
    }

    /** What is larger would hold up the event loop. */
    private static boolean isWorthCompressing(Buffer body) {
        return body.length() >= MIN_COMPRESSED && body.length() <= MAX_COMPRESSED;
    }

    private static boolean takesGzip(RoutingContext context) {
        return context.parsedHeaders().acceptEncoding().stream()
                .anyMatch(coding -> coding.value().equalsIgnoreCase("gzip") && coding.weight() > 0);
    }

    private static Buffer gzip(Buffer body) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(body.length() / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(body.getBytes());
        } catch (IOException memoryDoesNotFail) {
            throw new UncheckedIOException(memoryDoesNotFail);
        }
        return Buffer.buffer(compressed.toByteArray());
    }

    /** 406 where the client takes none of these types. */
    static void requireAccepted(RoutingContext context, List<String> types) {
        List<MIMEHeader> accepted = context.parsedHeaders().accept();
        boolean anything = accepted.isEmpty();
        for (MIMEHeader one : accepted) {
            anything |= types.stream().anyMatch(type -> takes(one, type));
        }
        if (!anything) {
            throw new ProblemException(
                    Problem.ofField(
                            406,
                            ErrorCode.INVALID_REQUEST,
                            "Accept",
                            "The answer is " + String.join(" or ", types) + ", which the Accept header leaves out."));
        }
    }

    private static boolean takes(MIMEHeader accepted, String type) {
        String[] parts = type.split("/", 2);
        return accepted.weight() > 0
                && (accepted.component().equals("*") || accepted.component().equals(parts[0]))
                && (accepted.subComponent().equals("*") || accepted.subComponent().equals(parts[1]));
    }
}
