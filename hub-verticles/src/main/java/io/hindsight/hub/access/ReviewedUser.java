package io.hindsight.hub.access;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Whom a token belongs to, as Kubernetes' API server has said ({@code UserInfo} of authentication.k8s.io/v1). Immutable: what it was made of is not changed afterwards.
 *
 * @param name never empty, without control characters
 * @param uid empty: none was told
 * @param groups strings
 * @param extra lists of strings by key
 */
record ReviewedUser(String name, String uid, JsonArray groups, JsonObject extra) {
    /** The longest user, as JSON in characters: all of it is sent again with every question about its permissions. */
    static final int MAX_LENGTH = 64 << 10;

    /** The longest name: it goes into logs and into the custody log. */
    static final int MAX_NAME_LENGTH = 512;

    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";

    /** Empty where it is longer than its bounds, or not what the API server's types say. */
    static Optional<ReviewedUser> of(JsonObject user) {
        if (user.getValue("username") instanceof String name
                && isName(name)
                && user.getValue("uid", "") instanceof String uid
                && user.getValue("groups", new JsonArray()) instanceof JsonArray groups
                && user.getValue("extra", new JsonObject()) instanceof JsonObject extra
                && areStrings(groups)
                && extra.stream().allMatch(entry -> entry.getValue() instanceof JsonArray values && areStrings(values))
                && user.encode().length() <= MAX_LENGTH) {
            return Optional.of(new ReviewedUser(name, uid, groups, extra));
        }
        return Optional.empty();
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.length() <= MAX_NAME_LENGTH && name.codePoints().allMatch(ReviewedUser::isShown);
    }

    /** Neither ends a line nor turns the rest of it around. */
    private static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static boolean areStrings(JsonArray values) {
        return values.stream().allMatch(String.class::isInstance);
    }

    /** The service account that it is, {@code NAMESPACE/NAME}; empty for everybody else. */
    Optional<String> serviceAccount() {
        String[] parts =
                name.startsWith(SERVICE_ACCOUNT)
                        ? name.substring(SERVICE_ACCOUNT.length()).split(":", -1)
                        : new String[0];
        return parts.length == 2 ? Optional.of(parts[0] + "/" + parts[1]) : Optional.empty();
    }

    /** The value of this key, where it has exactly one. */
    Optional<String> single(String key) {
        return extra.getValue(key) instanceof JsonArray values && values.size() == 1
                ? Optional.of(values.getString(0))
                : Optional.empty();
    }
}
