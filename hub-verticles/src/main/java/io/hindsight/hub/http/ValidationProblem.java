package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Problem details of a request that does not fit the contract: which field, and why. */
final class ValidationProblem {
    /** As {@code vertx-openapi} words it: "The value of query parameter limit is invalid." */
    private static final Pattern PARAMETER =
            Pattern.compile("(?:query|path|header|cookie) parameter (\\S+?)[ .](?:|.*)");

    private static final Pattern NAMED_PROPERTY = Pattern.compile(".*[Pp]roperty \"?([^\" ]+)\"? .*");
    private static final int MAX_DETAIL_LENGTH = 300;

    private ValidationProblem() {}

    static Problem of(ValidatorException invalid) {
        String message = String.valueOf(invalid.getMessage());
        Matcher parameter = PARAMETER.matcher(message);
        String reason = reason(invalid).orElse(message);
        if (parameter.find()) {
            String name = parameter.group(1);
            return problem(name, "The parameter " + name + " is not valid: " + reason);
        }
        return problem(bodyField(invalid), "The request body is not valid: " + reason);
    }

    private static Problem problem(String field, String detail) {
        String line = detail.lines().findFirst().orElse("").strip();
        String cut = line.length() > MAX_DETAIL_LENGTH ? line.substring(0, MAX_DETAIL_LENGTH) + "…" : line;
        return Problem.ofField(400, ErrorCode.INVALID_REQUEST, field, cut.endsWith(".") ? cut : cut + ".");
    }

    private static Optional<String> reason(ValidatorException invalid) {
        return deepest(invalid).map(OutputUnit::getError);
    }

    /** Member of the body, with dots and indexes ({@code nodes.3}); {@code body} where it is the whole. */
    private static String bodyField(ValidatorException invalid) {
        Optional<OutputUnit> error = deepest(invalid);
        String location = error.map(OutputUnit::getInstanceLocation).orElse("#");
        String path = location.replaceFirst("^#?/?", "").replace('/', '.');
        if (!path.isEmpty()) {
            return path;
        }
        Matcher named = NAMED_PROPERTY.matcher(error.map(OutputUnit::getError).orElse(""));
        return named.matches() ? named.group(1) : "body";
    }

    /** The error that lies deepest in the instance says most. */
    private static Optional<OutputUnit> deepest(ValidatorException invalid) {
        if (!(invalid instanceof SchemaValidationException schema) || schema.getOutputUnit() == null) {
            return Optional.empty();
        }
        List<OutputUnit> errors = schema.getOutputUnit().getErrors();
        return errors == null
                ? Optional.empty()
                : errors.stream()
                        .filter(unit -> unit.getError() != null && unit.getInstanceLocation() != null)
                        .max(Comparator.comparingInt(unit -> depth(unit.getInstanceLocation())));
    }

    private static int depth(String location) {
        return (int) location.chars().filter(c -> c == '/').count();
    }
}
