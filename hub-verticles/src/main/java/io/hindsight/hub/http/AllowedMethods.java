package io.hindsight.hub.http;

import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Path;
import java.util.stream.Collectors;

/** What a path takes, for the {@code Allow} header. */
final class AllowedMethods {
    private static final String CONTRACT_KEY = AllowedMethods.class.getName();

    private AllowedMethods() {}

    /** Makes the contract known to {@link #of}. */
    static void prepare(RoutingContext context, OpenAPIContract contract) {
        context.put(CONTRACT_KEY, contract);
    }

    /** Names, comma-separated; {@code GET} for paths outside the contract. */
    static String of(RoutingContext context) {
        OpenAPIContract contract = context.get(CONTRACT_KEY);
        Path path = contract == null ? null : contract.findPath(context.request().path());
        return path == null
                ? "GET"
                : path.getOperations().stream()
                        .map(Operation::getHttpMethod)
                        .map(Object::toString)
                        .sorted()
                        .collect(Collectors.joining(", "));
    }
}
