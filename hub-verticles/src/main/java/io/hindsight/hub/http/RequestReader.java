package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.Json;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.impl.RequestParameterImpl;
import io.vertx.openapi.validation.impl.ValidatableRequestImpl;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes a request apart for the validator. vertx-openapi's own extractor decodes percent signs and plus signs a second time, which spoils packet
 * filters ({@code tcp[0]+1}) and time offsets, and passes over parameters that the contract does not know: a misspelt filter would
 * export everything. Stateless.
 */
final class RequestReader implements RequestExtractor {
    private static final String JSON = "application/json";
    private static final String TAKING_BODY = RequestReader.class.getName() + ".takingBody";

    @Override
    public Future<ValidatableRequest> extractValidatableRequest(RoutingContext context, Operation operation) {
        try {
            return Future.succeededFuture(read(context, operation));
        } catch (HindsightException refused) {
            return Future.failedFuture(refused);
        }
    }

    private static ValidatableRequest read(RoutingContext context, Operation operation) {
        refuseUnknownQuery(context.queryParams(), operation);
        refuseForeignBody(context.request());
        Map<String, RequestParameter> headers = new HashMap<>();
        Map<String, RequestParameter> path = new HashMap<>();
        Map<String, RequestParameter> query = new HashMap<>();
        for (Parameter parameter : operation.getParameters()) {
            String name = parameter.getName();
            switch (parameter.getIn()) {
                case HEADER -> headers.put(name, headerValue(context.request().getHeader(name), parameter));
                case PATH -> path.put(name, value(context.pathParam(name)));
                case QUERY -> query.put(name, queryValue(context.queryParams(), parameter));
                case COOKIE -> throw new IllegalStateException("The contract has no cookies.");
            }
        }
        if (operation.getRequestBody() == null) {
            return new ValidatableRequestImpl(Map.of(), headers, path, query);
        }
        RequestParameter body = new RequestParameterImpl(context.body().buffer());
        return new ValidatableRequestImpl(Map.of(), headers, path, query, body, JSON);
    }

    private static RequestParameter value(@Nullable String raw) {
        return new RequestParameterImpl(raw);
    }

    /** Text as a JSON string: the validator would take quotes, as an entity tag has them, for those of JSON. */
    private static RequestParameter headerValue(@Nullable String raw, Parameter parameter) {
        boolean isText = raw != null && "string".equals(parameter.getSchema().get("type"));
        return value(isText ? Json.encode(raw) : raw);
    }

    private static RequestParameter queryValue(MultiMap all, Parameter parameter) {
        String name = parameter.getName();
        List<String> values = all.getAll(name);
        if (parameter.isExplode() && "array".equals(parameter.getSchema().get("type"))) {
            // The form style as the validator takes it apart again.
            return value(
                    values.isEmpty()
                            ? null
                            : values.stream().map(v -> name + "=" + v).collect(Collectors.joining("&")));
        }
        if (values.size() > 1) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    name,
                    "The parameter " + name + " is given " + values.size() + " times.");
        }
        return value(values.isEmpty() ? null : values.getFirst());
    }

    private static void refuseUnknownQuery(MultiMap query, Operation operation) {
        Set<String> known =
                operation.getParameters().stream()
                        .filter(parameter -> parameter.getIn() == Location.QUERY)
                        .map(Parameter::getName)
                        .collect(Collectors.toSet());
        for (String name : query.names()) {
            if (!known.contains(name)) {
                throw HindsightException.ofField(
                        ErrorCode.INVALID_REQUEST,
                        URLEncoder.encode(name, StandardCharsets.UTF_8),
                        "There is no such parameter; known=" + known.stream().sorted().toList() + ".");
            }
        }
    }

    /**
     * Ahead of whatever takes the body in: one in anything but JSON could come from any web page, and a form would be taken apart before anybody has
     * looked at it.
     */
    static void beforeBody(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (request.getHeader(HttpHeaders.CONTENT_TYPE) != null && !isJson(request)) {
            throw foreignBody();
        }
        context.put(TAKING_BODY, true);
        context.next();
    }

    /** All of it is here. */
    static void afterBody(RoutingContext context) {
        context.remove(TAKING_BODY);
        context.next();
    }

    /** Whether nothing but the body is worked on: then what fails is the body's framing. */
    static boolean isTakingBody(RoutingContext context) {
        return context.get(TAKING_BODY) != null;
    }

    private static boolean isJson(HttpServerRequest request) {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip().equals(JSON);
    }

    private static HindsightException foreignBody() {
        return HindsightException.ofField(
                ErrorCode.UNSUPPORTED_MEDIA_TYPE, "Content-Type", "The body is taken as application/json alone.");
    }

    /** What only the body itself tells. */
    private static void refuseForeignBody(HttpServerRequest request) {
        boolean hasBody = request.bytesRead() > 0;
        if (hasBody && !isJson(request)) {
            throw foreignBody();
        }
        String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        boolean plain = coding == null || coding.equalsIgnoreCase("identity");
        if (hasBody && !plain) {
            throw HindsightException.ofField(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Encoding",
                    "The body is taken without compression alone.");
        }
    }
}
