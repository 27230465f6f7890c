package io.hindsight.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Reads settings from a YAML file: one flat mapping of {@link Setting#key()} to a value, or to a list where the setting takes one. Values
 * are taken as they are written, so that no YAML type rule turns a version into a number. Not thread-safe.
 */
final class SettingsFile {
    /** A settings file has a few dozen lines; anything larger is a mistake. */
    private static final long LENGTH_LIMIT_BYTES = 1L << 20;

    private final Path file;
    private final ConfigProblems problems;
    private final Map<Setting, SettingValue> values = new EnumMap<>(Setting.class);

    private SettingsFile(Path file, ConfigProblems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** The file's settings; whatever is wrong goes to {@code problems}. */
    static Map<Setting, SettingValue> read(Path file, ConfigProblems problems) {
        SettingsFile reading = new SettingsFile(file, problems);
        reading.root().ifPresent(reading::settings);
        return reading.values;
    }

    private Optional<Node> root() {
        try {
            if (Files.size(file) > LENGTH_LIMIT_BYTES) {
                problems.check(false, file.toString(), "is larger than " + LENGTH_LIMIT_BYTES + " bytes");
                return Optional.empty();
            }
            try (Reader reader = Files.newBufferedReader(file)) {
                return new Compose(LoadSettings.builder().setLabel(file.toString()).build()).composeReader(reader);
            }
        } catch (IOException unreadable) {
            problems.check(false, file.toString(), "cannot be read (" + reason(unreadable) + ")");
        } catch (YamlEngineException notYaml) {
            problems.check(false, file.toString(), "is not YAML (" + oneLine(notYaml) + ")");
        }
        return Optional.empty();
    }

    private static String reason(IOException unreadable) {
        String kind = unreadable.getClass().getSimpleName().replaceAll("([a-z])([A-Z])", "$1 $2");
        return kind.replace(" Exception", "").toLowerCase(java.util.Locale.ROOT);
    }

    private static String oneLine(YamlEngineException notYaml) {
        return String.valueOf(notYaml.getMessage())
                .lines()
                .map(String::strip)
                .limit(2)
                .reduce((a, b) -> a + " " + b)
                .orElse("");
    }

    private void settings(Node root) {
        if (!(root instanceof MappingNode mapping)) {
            problems.check(false, file.toString(), "is a mapping of settings to values, for example \"port: 8899\"");
            return;
        }
        mapping.getValue().forEach(this::setting);
    }

    private void setting(NodeTuple tuple) {
        String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "(not a name)";
        String place = place(tuple.getKeyNode());
        Optional<Setting> setting = Setting.ofKey(key);
        if (setting.isEmpty()) {
            problems.unknown(key, place, Setting.keys());
            return;
        }
        List<String> texts = texts(setting.get(), tuple.getValueNode(), place);
        SettingValue before =
                values.put(setting.get(), new SettingValue(setting.get(), texts, new Origin(Origin.Kind.FILE, place)));
        problems.check(before == null, key, "stands twice in the file (" + place + ")");
    }

    private List<String> texts(Setting setting, Node value, String place) {
        if (value instanceof ScalarNode scalar) {
            return setting.list() ? SettingTexts.split(scalar.getValue()) : List.of(scalar.getValue());
        }
        if (setting.list() && value instanceof SequenceNode sequence) {
            return sequence.getValue().stream().map(item -> item(setting, item)).toList();
        }
        problems.check(
                false,
                setting.key(),
                "takes " + (setting.list() ? "a value or a list" : "one value") + " (" + place + ")");
        return List.of();
    }

    private String item(Setting setting, Node item) {
        if (item instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        problems.check(false, setting.key(), "is a list of plain values (" + place(item) + ")");
        return "";
    }

    private String place(Node node) {
        return file + node.getStartMark().map(Mark::getLine).map(line -> ":" + (line + 1)).orElse("");
    }
}
