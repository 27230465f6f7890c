package io.hindsight.config;

import java.util.List;

/**
 * A setting's effective value, as text, and where it comes from. Immutable.
 *
 * @param setting which
 * @param texts as written; one, or several where {@link Setting#list()}; none where it is not set and has no default
 * @param origin where it comes from
 */
public record SettingValue(Setting setting, List<String> texts, Origin origin) {
    public SettingValue {
        texts = List.copyOf(texts);
    }

    /** The value in one line. */
    public String text() {
        return String.join(",", texts);
    }
}
