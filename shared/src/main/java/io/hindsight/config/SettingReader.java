package io.hindsight.config;

import io.hindsight.api.CapturePolicy;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import io.hindsight.time.Durations;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts into typed values. A text that cannot be read is noted with the place it comes from, and the setting's default stands in,
 * so that the rest can still be checked. Not thread-safe.
 */
final class SettingReader {
    private final Map<Setting, SettingValue> values;
    private final ConfigProblems problems;

    SettingReader(Map<Setting, SettingValue> values, ConfigProblems problems) {
        this.values = values;
        this.problems = problems;
    }

    /** The text, empty where nothing is set. */
    String text(Setting setting) {
        return value(setting).text();
    }

    List<String> texts(Setting setting) {
        return value(setting).texts();
    }

    /** Those of a list that are not blank. */
    List<String> names(Setting setting) {
        return texts(setting).stream().map(String::strip).filter(text -> !text.isEmpty()).toList();
    }

    /** What the nodes record; one that is past its bounds is noted. */
    CapturePolicy capturePolicy() {
        CapturePolicy policy =
                new CapturePolicy(
                        text(Setting.REGEX),
                        names(Setting.NAMESPACES),
                        names(Setting.EXCLUDED_NAMESPACES),
                        text(Setting.BPF_OVERRIDE),
                        bool(Setting.OWN_TRAFFIC));
        try {
            return policy.checked();
        } catch (HindsightException refused) {
            problems.check(
                    false, Setting.REGEX.key(), "and the other settings of what is captured: " + refused.getMessage());
            return CapturePolicy.EVERYTHING;
        }
    }

    int integer(Setting setting) {
        return read(setting, Integer::valueOf, "is a whole number");
    }

    DataSize size(Setting setting) {
        return read(setting, DataSize::parse, "is a size such as 512Mi or 20G");
    }

    Duration duration(Setting setting) {
        return read(setting, Durations::parse, "is a length of time such as 1s or 500ms");
    }

    /** This node's name; one that no node can have is noted. */
    NodeId node() {
        String text = text(Setting.NODE).strip();
        try {
            return new NodeId(text);
        } catch (HindsightException notAName) {
            problems.check(
                    false,
                    Setting.NODE.key(),
                    "has 1 to 253 letters, digits, '.', '_' and '-', got \"" + text + "\"" + originNote(Setting.NODE));
            return new NodeId("unnamed");
        }
    }

    Path path(Setting setting) {
        return Path.of(text(setting)).toAbsolutePath().normalize();
    }

    @Nullable Path optionalPath(Setting setting) {
        return text(setting).isEmpty() ? null : path(setting);
    }

    boolean bool(Setting setting) {
        return word(setting, List.of("true", "false")).equals("true");
    }

    /** An absolute address; one that cannot be read is noted. */
    URI uri(Setting setting) {
        String text = text(setting).strip();
        try {
            return URI.create(text);
        } catch (IllegalArgumentException unreadable) {
            problems.check(
                    false,
                    setting.key(),
                    "is an address such as https://hub.example:8899, got \"" + text + "\"" + originNote(setting));
            return URI.create("http://127.0.0.1");
        }
    }

    /** Where to listen: {@code listen}, or {@code host} and {@code port}. */
    ListenSetting listen() {
        String text = text(Setting.LISTEN).strip();
        ListenSetting apart = new ListenSetting(text(Setting.HOST), integer(Setting.PORT));
        if (text.isEmpty()) {
            return apart;
        }
        problems.check(
                isDefault(Setting.HOST) && isDefault(Setting.PORT),
                Setting.LISTEN.key(),
                "says what host and port say: name the one or the others" + originNote(Setting.LISTEN));
        try {
            return ListenSetting.parse(text);
        } catch (IllegalArgumentException unreadable) {
            problems.check(
                    false,
                    Setting.LISTEN.key(),
                    "is ADDRESS:PORT such as 0.0.0.0:8899 or [::]:8899, got \""
                            + text
                            + "\""
                            + originNote(Setting.LISTEN));
            return apart;
        }
    }

    /** Addresses with a port each; one that cannot be read is noted and left out. */
    List<BusClusterConfig.Peer> peers(Setting setting) {
        List<BusClusterConfig.Peer> peers = new ArrayList<>();
        for (String text : names(setting)) {
            try {
                ListenSetting peer = ListenSetting.parse(text);
                peers.add(new BusClusterConfig.Peer(peer.host(), peer.port()));
            } catch (IllegalArgumentException unreadable) {
                problems.check(
                        false,
                        setting.key(),
                        "is HOST:PORT such as hub.example:7800 or [::1]:7800, got \""
                                + text
                                + "\""
                                + originNote(setting));
            }
        }
        return peers;
    }

    private boolean isDefault(Setting setting) {
        return value(setting).origin().kind() == Origin.Kind.DEFAULT;
    }

    /** One of a few words, in any case. */
    String word(Setting setting, List<String> words) {
        String rule = "is one of " + String.join(", ", words);
        return read(setting, text -> known(text.toLowerCase(Locale.ROOT), words), rule);
    }

    /** Where a setting comes from, to stand after a problem; empty for defaults and for what is no setting. */
    String originNote(String key) {
        return Setting.ofKey(key).map(this::originNote).orElse("");
    }

    private String originNote(Setting setting) {
        Origin origin = value(setting).origin();
        return origin.kind() == Origin.Kind.DEFAULT ? "" : " (" + origin + ")";
    }

    private <T> T read(Setting setting, Function<String, T> parser, String rule) {
        String text = text(setting).strip();
        try {
            return parser.apply(text);
        } catch (HindsightException | IllegalArgumentException unreadable) {
            problems.check(false, setting.key(), rule + ", got \"" + text + "\"" + originNote(setting));
            return parser.apply(String.valueOf(setting.defaultText()));
        }
    }

    private static String known(String word, List<String> words) {
        if (!words.contains(word)) {
            throw new IllegalArgumentException(word);
        }
        return word;
    }

    private SettingValue value(Setting setting) {
        return values.getOrDefault(setting, new SettingValue(setting, List.of(), Origin.DEFAULT));
    }
}
