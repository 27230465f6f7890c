package io.hindsight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hindsight.config.Setting.Role;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    @TempDir Path directory;

    @Test
    void shouldUseDefaultsWhereNothingIsSet() {
        Configuration loaded = load(null, Map.of(), Map.of());

        assertThat(loaded.agentConfig().storageSize()).isEqualTo(DataSize.parse("1Gi"));
        assertThat(loaded.agentConfig().interfaces()).containsExactly("any");
        assertThat(loaded.agentConfig().replay()).isNull();
        assertThat(loaded.hubConfig().host()).isEqualTo("127.0.0.1");
        assertThat(loaded.hubConfig().port()).isEqualTo(8899);
        assertThat(loaded.hubConfig().syncInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(loaded.values()).extracting(SettingValue::origin).containsOnly(Origin.DEFAULT);
    }

    @Test
    void shouldPreferOptionsOverEnvironmentOverFile() throws IOException {
        Path file = file("port: 1001\nhost: 127.0.0.2\nstorage-size: 64Mi\n");

        Configuration loaded =
                load(
                        file,
                        Map.of("HINDSIGHT_PORT", "1002", "HINDSIGHT_HOST", "127.0.0.3"),
                        Map.of(Setting.PORT, List.of("1003")));

        assertThat(loaded.hubConfig().port()).isEqualTo(1003);
        assertThat(loaded.hubConfig().host()).isEqualTo("127.0.0.3");
        assertThat(loaded.agentConfig().storageSize()).isEqualTo(DataSize.parse("64Mi"));
        assertThat(origin(loaded, Setting.PORT)).isEqualTo(new Origin(Origin.Kind.OPTION, "--port"));
        assertThat(origin(loaded, Setting.HOST)).isEqualTo(new Origin(Origin.Kind.ENVIRONMENT, "HINDSIGHT_HOST"));
        assertThat(origin(loaded, Setting.STORAGE_SIZE)).isEqualTo(new Origin(Origin.Kind.FILE, file + ":3"));
    }

    @Test
    void shouldReadListsInEverySpelling() throws IOException {
        Path file = file("interface:\n  - eth*\n  - lo\n");

        assertThat(load(file, Map.of(), Map.of()).agentConfig().interfaces()).containsExactly("eth*", "lo");
        assertThat(load(file, Map.of("HINDSIGHT_INTERFACE", "a, b"), Map.of()).agentConfig().interfaces())
                .containsExactly("a", "b");
        assertThat(load(file, Map.of(), Map.of(Setting.INTERFACE, List.of("x", "y,z"))).agentConfig().interfaces())
                .containsExactly("x", "y", "z");
    }

    @Test
    void shouldKeepValuesAsTheyAreWritten() throws IOException {
        assertThat(load(file("node: 0x1F\n"), Map.of(), Map.of()).agentConfig().node().name()).isEqualTo("0x1F");
    }

    @Test
    void shouldReportAllProblemsAtOnceWithTheirOrigin() throws IOException {
        Path file = file("storage-sise: 1Gi\nport: 70000\nsnap-length: many\nport: 1\ntoken: s3cret\n");

        HindsightException refused =
                refused(
                        file,
                        Map.of("HINDSIGHT_HSOT", "::1", "HINDSIGHT_KERNEL_BUFFER", "1Ki"),
                        Map.of(Setting.REPLAY_SPEED, List.of("warp")));

        assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
        assertThat(refused)
                .hasMessageContaining("storage-sise is not a setting (" + file + ":1), did you mean storage-size?")
                .hasMessageContaining("port stands twice in the file (" + file + ":4)")
                .hasMessageContaining("token is not a setting (" + file + ":5)")
                .hasMessageContaining("HINDSIGHT_HSOT is not a setting (environment), did you mean HINDSIGHT_HOST?")
                .hasMessageContaining("kernel-buffer is 2Mi to 4Gi, got 1Ki (HINDSIGHT_KERNEL_BUFFER)")
                .hasMessageContaining("snap-length is a whole number, got \"many\" (" + file + ":3)")
                .hasMessageContaining("replay-speed is one of real, full, got \"warp\" (--replay-speed)");
        assertThat(refused.getMessage()).doesNotContain("s3cret");
    }

    @Test
    void shouldReportProblemsOfAgentAndHubTogether() {
        HindsightException refused =
                refused(null, Map.of("HINDSIGHT_PORT", "70000", "HINDSIGHT_SLOT_SIZE", "3Mi"), Map.of());

        assertThat(refused)
                .hasMessageContaining("slot-size is a power of two from 256Ki to 64Mi, got 3Mi (HINDSIGHT_SLOT_SIZE)")
                .hasMessageContaining("port is 0 to 65535, got 70000 (HINDSIGHT_PORT)");
    }

    @Test
    void shouldIgnoreWhatKubernetesPutsIntoTheEnvironmentForAServiceOfThatName() {
        Configuration loaded =
                load(
                        null,
                        Map.of(
                                "HINDSIGHT_PORT", "tcp://10.96.0.7:8899",
                                "HINDSIGHT_SERVICE_HOST", "10.96.0.7",
                                "HINDSIGHT_HUB_SERVICE_PORT_HTTP", "8899",
                                "HINDSIGHT_PORT_8899_TCP_ADDR", "10.96.0.7"),
                        Map.of());

        assertThat(loaded.hubConfig().port()).isEqualTo(8899);
    }

    @Test
    void shouldSayWhatIsWrongWithTheFile() throws IOException {
        assertThat(refused(directory.resolve("absent.yaml"), Map.of(), Map.of()))
                .hasMessageContaining("absent.yaml cannot be read (no such file)");
        assertThat(refused(file("- a list\n"), Map.of(), Map.of())).hasMessageContaining("is a mapping of settings");
        assertThat(refused(file("port: [\n"), Map.of(), Map.of())).hasMessageContaining("is not YAML");
        assertThat(refused(file("port:\n  - 1\n"), Map.of(), Map.of())).hasMessageContaining("port takes one value");
    }

    @Test
    void shouldTakeAnEmptyFileForNoSettings() throws IOException {
        assertThat(load(file(""), Map.of(), Map.of()).hubConfig().port()).isEqualTo(8899);
    }

    @Test
    void shouldUseOnlyTheSettingsOfTheProcess() {
        Configuration loaded =
                ConfigLoader.load(
                        new ConfigLoader.Inputs(Role.HUB, null, Map.of("HINDSIGHT_STORAGE_SIZE", "1"), Map.of()));

        assertThat(loaded.agent()).isEmpty();
        assertThat(loaded.values()).extracting(SettingValue::setting).doesNotContain(Setting.STORAGE_SIZE);
    }

    @Test
    void shouldKeepEverythingBelowTheDataFolder() {
        Configuration loaded = load(null, Map.of(), Map.of(Setting.DATA, List.of("/srv/x/../h")));

        assertThat(loaded.dataDirectory()).isEqualTo(Path.of("/srv/h"));
        assertThat(loaded.agentConfig().ringDirectory()).isEqualTo(Path.of("/srv/h/ring"));
        assertThat(loaded.hubConfig().snapshotDirectory()).isEqualTo(Path.of("/srv/h/snapshots"));
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(Files.createTempFile(directory, "settings", ".yaml"), yaml);
    }

    private static Configuration load(
            @Nullable Path file, Map<String, String> environment, Map<Setting, List<String>> options) {
        return ConfigLoader.load(new ConfigLoader.Inputs(Role.BOTH, file, environment, options));
    }

    private static HindsightException refused(
            @Nullable Path file, Map<String, String> environment, Map<Setting, List<String>> options) {
        return catchThrowableOfType(HindsightException.class, () -> load(file, environment, options));
    }

    private static Origin origin(Configuration loaded, Setting setting) {
        return loaded.values().stream().filter(value -> value.setting() == setting).findFirst().orElseThrow().origin();
    }
}
