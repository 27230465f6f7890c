package io.hindsight.config;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads settings from environment variables that start with {@value Setting#ENVIRONMENT_PREFIX}. */
final class SettingsEnvironment {
    /** Variables of the program that are not settings. */
    private static final Set<String> OTHER_USES =
            Set.of("HINDSIGHT_CONFIG", "HINDSIGHT_JAVA_OPTIONS", "HINDSIGHT_HOME");

    /**
     * What Kubernetes puts into every container for a service named {@code hindsight…}, for example {@code HINDSIGHT_PORT=tcp://10.96.0.7:8899}
     * or {@code HINDSIGHT_HUB_SERVICE_HOST}: not ours, and one of them has the very name of a setting.
     */
    private static final Pattern SERVICE_LINK_NAME =
            Pattern.compile("HINDSIGHT_.*(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    private static final Pattern SERVICE_LINK_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    private SettingsEnvironment() {}

    /** The environment's settings; whatever is wrong goes to {@code problems}. */
    static Map<Setting, SettingValue> read(Map<String, String> environment, ConfigProblems problems) {
        Map<Setting, SettingValue> values = new EnumMap<>(Setting.class);
        new TreeMap<>(environment)
                .forEach((name, value) -> {
                    if (name.startsWith(Setting.ENVIRONMENT_PREFIX)
                            && !OTHER_USES.contains(name)
                            && !serviceLink(name, value)) {
                        setting(name, problems).ifPresent(setting -> values.put(setting, value(setting, name, value)));
                    }
                });
        return values;
    }

    private static boolean serviceLink(String name, String value) {
        return SERVICE_LINK_NAME.matcher(name).matches() || SERVICE_LINK_VALUE.matcher(value).matches();
    }

    private static Optional<Setting> setting(String name, ConfigProblems problems) {
        String key = name.substring(Setting.ENVIRONMENT_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '-');
        Optional<Setting> setting = Setting.ofKey(key);
        if (setting.isEmpty()) {
            List<String> names = Setting.of(Setting.Role.BOTH).stream().map(Setting::environmentName).toList();
            problems.unknown(name, "environment", names);
        }
        return setting;
    }

    private static SettingValue value(Setting setting, String name, String value) {
        List<String> texts = setting.list() ? SettingTexts.split(value) : List.of(value);
        return new SettingValue(setting, texts, new Origin(Origin.Kind.ENVIRONMENT, name));
    }
}
