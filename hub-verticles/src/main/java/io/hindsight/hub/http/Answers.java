package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.MIMEHeader;
import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** How answers are written. */
final class Answers {
    static final String JSON = "application/json";

    private Answers() {}

    static void json(RoutingContext context, int status, JsonObject body) {
        json(context, status, body.toBuffer());
    }

    static void json(RoutingContext context, int status, Buffer body) {
        context.response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(body);
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
