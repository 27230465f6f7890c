package io.hindsight.launcher.server;

import io.hindsight.config.ConfigLoader;
import io.hindsight.config.Configuration;
import io.hindsight.config.Setting;
import io.hindsight.config.Setting.Role;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** Makes an option of every setting that concerns a process, so that file, environment and command line can never differ. */
public final class SettingOptions {
    private static final String CONFIG = "--config";

    private SettingOptions() {}

    /** Adds the options to a command that reads {@code --config FILE}. */
    public static void addTo(CommandSpec command, Role process) {
        command.addOption(configFile("1").build());
        Setting.of(process).forEach(setting -> command.addOption(option(setting)));
    }

    /** Adds the options to a command that shows the effective settings for {@code --config}, with or without a file. */
    public static void addToDoctor(CommandSpec command) {
        command.addOption(configFile("0..1").fallbackValue("").build());
        Setting.of(Role.BOTH).forEach(setting -> command.addOption(option(setting)));
    }

    /** Whether {@code --config} was given, with a file or without. */
    public static boolean configGiven(ParseResult given) {
        return given.hasMatchedOption(CONFIG);
    }

    private static OptionSpec.Builder configFile(String arity) {
        return OptionSpec.builder(CONFIG)
                .paramLabel("FILE")
                .arity(arity)
                .type(String.class)
                .description(
                        arity.equals("1")
                                ? "YAML file with settings: the names of these options without the dashes (default: $HINDSIGHT_CONFIG)."
                                : "Shows the effective settings and where each comes from: with this file, or $HINDSIGHT_CONFIG, or none.");
    }

    private static OptionSpec option(Setting setting) {
        String text = setting.defaultText();
        String suffix = text == null || text.isEmpty() ? "" : " (default: " + text + ")";
        OptionSpec.Builder option = OptionSpec.builder(setting.option());
        if (setting.flag()) {
            option.fallbackValue("true");
        }
        return option.paramLabel(setting.label())
                .arity(setting.flag() ? "0..1" : "1")
                .type(setting.list() ? List.class : String.class)
                .auxiliaryTypes(String.class)
                .description(sentence(setting.description()) + suffix + ".")
                .build();
    }

    private static String sentence(String words) {
        return Character.toUpperCase(words.charAt(0)) + words.substring(1).replace("%", "%%");
    }

    /** The effective configuration: file, environment, and the options given. */
    public static Configuration load(ParseResult given, Role process, Map<String, String> environment) {
        Map<Setting, List<String>> options = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.of(process)) {
            if (given.hasMatchedOption(setting.option())) {
                options.put(setting, given.matchedOption(setting.option()).originalStringValues());
            }
        }
        return ConfigLoader.load(new ConfigLoader.Inputs(process, file(given, environment), environment, options));
    }

    private static @Nullable Path file(ParseResult given, Map<String, String> environment) {
        String option = given.matchedOptionValue(CONFIG, "");
        String named = option.isEmpty() ? environment.getOrDefault("HINDSIGHT_CONFIG", "") : option;
        return named.isEmpty() ? null : Path.of(named);
    }
}
