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
    void shouldRefuseAClusterWithoutCertificatesAndSecretAndSayWhatIsMissing() {
        assertThat(load(null, Map.of("HINDSIGHT_CLUSTER_PORT", "1"), Map.of()).cluster()).isEmpty();
        assertThat(refused(null, Map.of("HINDSIGHT_CLUSTER_PEERS", "hub"), Map.of(Setting.CLUSTERED, List.of("true"))))
                .hasMessageContaining("cluster-cert names a file where clustered=true")
                .hasMessageContaining("cluster-key names a file")
                .hasMessageContaining("cluster-ca names a file")
                .hasMessageContaining("cluster-secret-file names a file")
                .hasMessageContaining("cluster-peers is HOST:PORT")
                .hasMessageContaining("got \"hub\" (HINDSIGHT_CLUSTER_PEERS)");
    }

    @Test
    void shouldReadACluster() throws IOException {
        Path file =
                file(
                        """
                        clustered: true
                        cluster-host: 10.0.0.2
                        cluster-peers: [hub.example:7800, "[fd00::1]:7801"]
                        cluster-cert: /c/crt
                        cluster-key: /c/key
                        cluster-ca: /c/ca
                        cluster-secret-file: /c/secret
                        """);
        BusClusterConfig cluster = load(file, Map.of(), Map.of()).cluster().orElseThrow();
        assertThat(cluster.peers()).extracting(Object::toString).containsExactly("hub.example:7800", "[fd00::1]:7801");
        assertThat(cluster.busPort()).isEqualTo(57_800);
        assertThat(cluster.membershipPort()).isEqualTo(7_800);
        assertThat(cluster.secret()).isEqualTo(Path.of("/c/secret"));
        assertThat(
                        refused(
                                file,
                                Map.of("HINDSIGHT_CLUSTER_HOST", "0.0.0.0", "HINDSIGHT_CLUSTER_PORT", "7800"),
                                Map.of()))
                .hasMessageContaining("cluster-host is the one address at which")
                .hasMessageContaining("are two ports");
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

    @Test
    void shouldReadListenAsHostAndPort() {
        Configuration plain = load(null, Map.of(), Map.of(Setting.LISTEN, List.of("0.0.0.0:1234")));
        Configuration sixth = load(null, Map.of("HINDSIGHT_LISTEN", "[::1]:0"), Map.of());

        assertThat(plain.hubConfig().host()).isEqualTo("0.0.0.0");
        assertThat(plain.hubConfig().port()).isEqualTo(1234);
        assertThat(sixth.hubConfig().host()).isEqualTo("::1");
        assertThat(sixth.hubConfig().port()).isZero();
    }

    @Test
    void shouldRefuseListenBesideHostOrPort() {
        for (Setting other : new Setting[] {Setting.HOST, Setting.PORT}) {
            assertThat(
                            refused(
                                    null,
                                    Map.of(other.environmentName(), other == Setting.PORT ? "1" : "127.0.0.1"),
                                    Map.of(Setting.LISTEN, List.of("0.0.0.0:1234"))))
                    .hasMessageContaining("listen says what host and port say: name the one or the others (--listen)");
        }
    }

    @Test
    void shouldRefuseAListenThatIsNoAddressAndPort() {
        for (String wrong :
                new String[] {"8899", "host", "host:", ":8899", "::1:8899", "[::1]", "a:b", "a:1:2", "a:999999"}) {
            assertThat(refused(null, Map.of(), Map.of(Setting.LISTEN, List.of(wrong))))
                    .as(wrong)
                    .hasMessageContaining(
                            "listen is ADDRESS:PORT such as 0.0.0.0:8899 or [::]:8899, got \"" + wrong + "\"");
        }
        assertThat(refused(null, Map.of(), Map.of(Setting.LISTEN, List.of("a:70000"))))
                .hasMessageContaining("port is 0 to 65535, got 70000");
    }

    @Test
    void shouldReadTlsAndInsecure() {
        Configuration loaded =
                load(
                        null,
                        Map.of(
                                "HINDSIGHT_TLS_CERT", "/c.pem",
                                "HINDSIGHT_TLS_KEY", "/k.pem",
                                "HINDSIGHT_TLS_CA", "/ca.pem",
                                "HINDSIGHT_INSECURE", "TRUE",
                                "HINDSIGHT_LANE_MEMORY", "64Mi",
                                "HINDSIGHT_NODE_PATIENCE", "5s",
                                "HINDSIGHT_MAX_RATE", "1Mi"),
                        Map.of());

        assertThat(loaded.hubConfig().tls())
                .isEqualTo(new TlsFiles(Path.of("/c.pem"), Path.of("/k.pem"), Path.of("/ca.pem")));
        assertThat(loaded.hubConfig().insecure()).isTrue();
        assertThat(loaded.hubConfig().laneMemory()).isEqualTo(DataSize.parse("64Mi"));
        assertThat(loaded.hubConfig().nodePatience()).isEqualTo(Duration.ofSeconds(5));
        assertThat(loaded.agentConfig().maxRate()).isEqualTo(DataSize.parse("1Mi"));
        assertThat(load(null, Map.of(), Map.of()).hubConfig().tls()).isEqualTo(TlsFiles.NONE);
    }

    @Test
    void shouldRefuseAccountsThatCannotBeMeant() {
        assertThat(
                        refused(
                                null,
                                Map.of(
                                        "HINDSIGHT_KUBERNETES_TOKENS", "true",
                                        "HINDSIGHT_AGENT_ACCOUNTS", "ns/agent,agent",
                                        "HINDSIGHT_RECORDER_ACCOUNTS", "ns/recorder,ns/agent"),
                                Map.of()))
                .hasMessageContaining("agent-accounts is NAMESPACE/NAME, got agent")
                .hasMessageContaining("recorder-accounts has none of agent-accounts");
    }

    @Test
    void shouldRefuseTlsAndLimitsThatDoNotFit() {
        assertThat(refused(null, Map.of("HINDSIGHT_TLS_CERT", "/c.pem"), Map.of()))
                .hasMessageContaining("tls-key and tls-cert go together: name both or none");
        assertThat(refused(null, Map.of("HINDSIGHT_TLS_CA", "/ca.pem"), Map.of()))
                .hasMessageContaining("tls-ca of a Hub takes tls-cert and tls-key too")
                .hasMessageContaining("(HINDSIGHT_TLS_CA)");
        assertThat(
                        refused(
                                null,
                                Map.of(
                                        "HINDSIGHT_INSECURE", "maybe",
                                        "HINDSIGHT_LANE_MEMORY", "1Mi",
                                        "HINDSIGHT_NODE_PATIENCE", "2h",
                                        "HINDSIGHT_MAX_RATE", "1Ki"),
                                Map.of()))
                .hasMessageContaining("insecure is one of true, false, got \"maybe\"")
                .hasMessageContaining("lane-memory is at least 64Mi")
                .hasMessageContaining("node-patience is 0 to less than an hour")
                .hasMessageContaining("max-rate is 0 or at least 64Ki a second");
    }

    @Test
    void shouldLinkOnlyAnAgentInAProcessOfItsOwn() {
        Map<String, String> environment =
                Map.of("HINDSIGHT_HUB", "https://hub.example:8899", "HINDSIGHT_TLS_CA", "/ca");

        Configuration agent = ConfigLoader.load(new ConfigLoader.Inputs(Role.AGENT, null, environment, Map.of()));
        assertThat(agent.link().orElseThrow().hub()).hasHost("hub.example").hasPort(8899);
        assertThat(agent.link().orElseThrow().tls().authority()).isEqualTo(Path.of("/ca"));
        assertThat(agent.hub()).isEmpty();

        Map<String, String> ofHub = Map.of("HINDSIGHT_HUB", "https://hub.example:8899");
        for (Role process : new Role[] {Role.HUB, Role.BOTH}) {
            Configuration other = ConfigLoader.load(new ConfigLoader.Inputs(process, null, ofHub, Map.of()));
            assertThat(other.link()).isEmpty();
            assertThat(other.values()).extracting(SettingValue::setting).doesNotContain(Setting.HUB);
        }
        assertThat(Setting.of(Role.AGENT)).contains(Setting.HUB).doesNotContain(Setting.LISTEN);
        assertThat(Setting.of(Role.BOTH)).contains(Setting.LISTEN).doesNotContain(Setting.HUB);
    }

    @Test
    void shouldRefuseAHubThatIsNoAddressOrNotSafe() {
        for (String wrong :
                new String[] {
                    "hub:8899", "ftp://hub", "https://hub/x", "https://hub?x", "https://u@hub", "https:// hub"
                }) {
            assertThat(agentRefused(Map.of("HINDSIGHT_HUB", wrong)))
                    .as(wrong)
                    .hasMessageContaining("hub is an address such as https://hub.example:8899");
        }
        assertThat(agentRefused(Map.of("HINDSIGHT_HUB", "http://hub.example:8899")))
                .hasMessageContaining("hub is reached over plain HTTP")
                .hasMessageContaining("insecure=true (HINDSIGHT_HUB)");
    }

    private static HindsightException agentRefused(Map<String, String> environment) {
        return catchThrowableOfType(
                HindsightException.class,
                () -> ConfigLoader.load(new ConfigLoader.Inputs(Role.AGENT, null, environment, Map.of())));
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
