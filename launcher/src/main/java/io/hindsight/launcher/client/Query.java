package io.hindsight.launcher.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A query string, parameter by parameter. Not thread-safe. */
final class Query {
    private final StringBuilder text = new StringBuilder();

    /** Adds a parameter; an absent value adds nothing. */
    Query with(String name, @Nullable Object value) {
        if (value != null) {
            text.append(text.isEmpty() ? '?' : '&')
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value.toString(), StandardCharsets.UTF_8));
        }
        return this;
    }

    /** Repeats a parameter for each value. */
    Query withEach(String name, Collection<?> values) {
        values.forEach(value -> with(name, value));
        return this;
    }

    /** With its question mark; empty without parameters. */
    @Override
    public String toString() {
        return text.toString();
    }
}
