package io.hindsight.hub.http;

import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a path takes, for the {@code Allow} header. */
final class AllowedMethods {
    private static final String CONTRACT_KEY = AllowedMethods.class.getName();

    private AllowedMethods() {}

    /** Makes the contract known to {@link #of}. */
    static void prepare(RoutingContext context, OpenAPIContract contract) {
        context.put(CONTRACT_KEY, contract);
    }

    /** Whether the contract has the path, with whatever method. */
    static boolean isKnownPath(RoutingContext context) {
        return path(context) != null;
    }

    /** Names, comma-separated; {@code GET} for paths outside the contract. */
    static String of(RoutingContext context) {
        Path path = path(context);
        return path == null
                ? "GET"
                : path.getOperations().stream()
                        .map(operation -> operation.getHttpMethod().name())
                        .sorted()
                        .collect(Collectors.joining(", "));
    }

    private static @Nullable Path path(RoutingContext context) {
        OpenAPIContract contract = context.get(CONTRACT_KEY);
        return contract == null ? null : contract.findPath(context.request().path());
    }
}
