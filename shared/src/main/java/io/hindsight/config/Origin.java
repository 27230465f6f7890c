package io.hindsight.config;

/**
 * Where a setting's value comes from. Immutable.
 *
 * @param kind which of the four sources
 * @param detail the place as a user knows it: {@code /etc/hindsight.yaml:3}, {@code HINDSIGHT_PORT}, {@code --port}; empty for a default
 */
public record Origin(Kind kind, String detail) {
    /** Sources in the order of rising priority. */
    public enum Kind {
        DEFAULT,
        FILE,
        ENVIRONMENT,
        OPTION
    }

    /** A value that nobody has set. */
    public static final Origin DEFAULT = new Origin(Kind.DEFAULT, "");

    /** For people: {@code default}, or the place. */
    @Override
    public String toString() {
        return kind == Kind.DEFAULT ? "default" : detail;
    }
}
