package io.hindsight.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code listen} taken apart: {@code ADDRESS:PORT}, an IPv6 address in brackets.
 *
 * @param host without brackets
 * @param port 0: any free one; its range is {@link HubConfig}'s to check
 */
record ListenSetting(String host, int port) {
    private static final Pattern SHAPE = Pattern.compile("(?:\\[([^\\[\\]]+)]|([^:\\[\\]]+)):(\\d{1,5})");

    /** Throws {@link IllegalArgumentException} where the text has another shape. */
    static ListenSetting parse(String text) {
        Matcher parts = SHAPE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(text);
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        return new ListenSetting(host, Integer.parseInt(parts.group(3)));
    }
}
