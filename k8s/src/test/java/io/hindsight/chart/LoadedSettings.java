package io.hindsight.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.hindsight.config.ConfigLoader;
import io.hindsight.config.ConfigLoader.Inputs;
import io.hindsight.config.Configuration;
import io.hindsight.config.Setting;
import io.hindsight.config.Setting.Role;
import io.hindsight.config.SettingValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** What the program makes of the file, the environment and the arguments that a workload gives it. */
final class LoadedSettings {
    private static final String CONFIG_VARIABLE = "HINDSIGHT_CONFIG";
    private static final String NODE_FROM_FIELD = "from-spec.nodeName";

    private LoadedSettings() {}

    /** Loads them as the program does, and checks that each file that they name is mounted. */
    static Configuration of(RenderedChart chart, Workload workload) {
        Map<String, String> environment = new HashMap<>(ChartRules.environment(workload.container()));
        environment.replace("HINDSIGHT_NODE", NODE_FROM_FIELD, "worker-1");
        Path mounted = Path.of(environment.getOrDefault(CONFIG_VARIABLE, "(none)"));
        assertThat(isMounted(workload, mounted)).as("%s is mounted", mounted).isTrue();
        List<String> arguments = workload.container().getArgs();
        Role role = arguments.getFirst().equals("hub") ? Role.HUB : Role.AGENT;
        String yaml =
                chart.get(ConfigMap.class, workload.name())
                        .getData()
                        .getOrDefault(mounted.getFileName().toString(), "(not there)");
        Configuration loaded = load(role, yaml, environment, options(arguments));
        loaded.values().forEach(value -> files(workload, value));
        return loaded;
    }

    private static Configuration load(
            Role role, String yaml, Map<String, String> environment, Map<Setting, List<String>> options) {
        try {
            Path file = Files.createTempFile("hindsight-config", ".yaml");
            try {
                Files.writeString(file, yaml);
                return ConfigLoader.load(new Inputs(role, file, environment, options));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<Setting, List<String>> options(List<String> arguments) {
        Map<Setting, List<String>> options = new HashMap<>();
        Iterator<String> rest = arguments.iterator();
        rest.next(); // the command
        while (rest.hasNext()) {
            String option = rest.next();
            Setting setting =
                    Setting.ofKey(option.substring(2)).orElseThrow(() -> new AssertionError("No option " + option));
            assertThat(option).isEqualTo(setting.option());
            options.put(setting, List.of(setting.flag() ? "true" : rest.next()));
        }
        return options;
    }

    private static void files(Workload workload, SettingValue value) {
        for (String text : value.texts()) {
            if (text.startsWith("/")) {
                assertThat(isMounted(workload, Path.of(text)))
                        .as("%s=%s is mounted at %s", value.setting().key(), text, workload.name())
                        .isTrue();
            }
        }
    }

    /** Whether there is a volume at or above the path, and, where it chooses its files, this one among them. */
    private static boolean isMounted(Workload workload, Path path) {
        return workload.container().getVolumeMounts().stream()
                .anyMatch(mount -> path.startsWith(mount.getMountPath()) && holds(workload, mount, path));
    }

    private static boolean holds(Workload workload, VolumeMount mount, Path path) {
        List<String> chosen =
                workload.pod().getVolumes().stream()
                        .filter(volume -> volume.getName().equals(mount.getName()))
                        .flatMap(volume -> chosen(volume).stream())
                        .toList();
        return chosen.isEmpty() || chosen.contains(path.getFileName().toString());
    }

    private static List<String> chosen(Volume volume) {
        if (volume.getSecret() != null) {
            return volume.getSecret().getItems().stream().map(KeyToPath::getPath).toList();
        }
        if (volume.getProjected() != null) {
            return volume.getProjected().getSources().stream()
                    .map(source -> source.getServiceAccountToken().getPath())
                    .toList();
        }
        return List.of();
    }
}
