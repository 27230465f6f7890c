package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.image.BuildImage;
import io.hindsight.image.ImageOptions;
import io.hindsight.testing.Root;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The container image, built here and run under runc, with the privileges that docs/PRIVILEGES.md names. */
class ImageIT {
    private static final Logger LOG = LoggerFactory.getLogger(ImageIT.class);

    /** The chart's set, docs/PRIVILEGES.md, with the kernel's numbers. */
    private static final List<Capability> AGENT =
            List.of(
                    new Capability("CAP_NET_RAW", 13),
                    new Capability("CAP_NET_ADMIN", 12),
                    new Capability("CAP_BPF", 39),
                    new Capability("CAP_PERFMON", 38),
                    new Capability("CAP_SYS_RESOURCE", 24));

    private static final int NOBODY_ELSE = 10_001;
    private static final String HUB_ADDRESS = "10.89.0.1";
    private static final String URL = "https://" + HUB_ADDRESS + ":8899";
    private static final String TOKEN = "a-token-for-tests-0123456789";
    private static final long AGENT_MEMORY_BYTES = 192L << 20;

    private record Capability(String name, int number) {}

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Path output;

    @SuppressWarnings("NullAway.Init")
    private static OciImage image;

    @BeforeAll
    static void build() throws Exception {
        Root.require("containers and network namespaces");
        Tools.require("runc", "ping", "curl", "tshark", "setpriv", "python3");
        output = Files.createDirectories(folder.resolve("image"));
        BuildImage.build(ImageOptions.of(Path.of("..").toRealPath(), output, true));
        image = OciImage.unpack(output.resolve("hindsight-image.tar"), folder.resolve("unpacked"));
    }

    @AfterAll
    static void makeDeletable() throws IOException {
        ImmutableFlag.clearTree(folder);
    }

    @Test
    void shouldRecordAndFreezeWithNoMorePrivilegesThanTheChartGives() throws Exception {
        Path secrets = secrets();
        List<String> capabilities = held();
        try (NetworkNamespace hubHost = new NetworkNamespace();
                NetworkNamespace node = new NetworkNamespace()) {
            hubHost.connect("hshub", node, "hsnode");
            hubHost.address("hshub", HUB_ADDRESS + "/24");
            node.address("hsnode", "10.89.0.2/24");
            Container.Pod hubPod =
                    new Container.Pod("hub", hubHost, NOBODY_ELSE, List.of(), false, data("hub-data"), secrets);
            Container.Pod agentPod =
                    new Container.Pod("agent", node, 0, capabilities, true, data("agent-data"), secrets);
            Process ping = pinging(node);
            try (Container hub = Container.start(image, folder, hubPod, "ready ", hub());
                    Container agent = Container.start(image, folder, agentPod, "recording ", agent())) {
                assertConfined(hub, NOBODY_ELSE, List.of());
                assertConfined(agent, 0, capabilities);
                Api api = new Api(hubHost, URL, credentials(secrets));
                await().atMost(Duration.ofSeconds(30)).until(() -> isLinked(api));
                events(node);
                Path export = freeze(api, agent.startedAt());
                report(agent, export);
                assertThat(agent.end()).isZero();
                assertThat(hub.end()).isZero();
            } finally {
                ping.destroyForcibly().onExit().join();
            }
        }
    }

    private static String[] hub() {
        return new String[] {
            "hub",
            "--listen",
            HUB_ADDRESS + ":8899",
            "--token-file",
            "/etc/hindsight/token",
            "--tls-cert",
            "/etc/hindsight/hub.crt",
            "--tls-key",
            "/etc/hindsight/hub.key"
        };
    }

    private static String[] agent() {
        return new String[] {
            "agent",
            "--hub",
            URL,
            "--token-file",
            "/etc/hindsight/token",
            "--tls-ca",
            "/etc/hindsight/ca.crt",
            "--node",
            "node-1",
            "--interface",
            "lo"
        };
    }

    private static List<String> credentials(Path secrets) {
        return List.of("--cacert", secrets.resolve("ca.crt").toString(), "-H", "Authorization: Bearer " + TOKEN);
    }

    /** As a pod sees its secrets: everybody in it may read them. */
    private static Path secrets() throws IOException {
        TestCertificates certificates = new TestCertificates(Files.createDirectories(folder.resolve("authority")));
        TestCertificates.Pem hub = certificates.issued("hub", "san=ip:" + HUB_ADDRESS);
        Path secrets = Files.createDirectories(folder.resolve("secrets"));
        Files.copy(hub.certificate(), secrets.resolve("hub.crt"));
        Files.copy(hub.key(), secrets.resolve("hub.key"));
        Files.copy(certificates.authority(), secrets.resolve("ca.crt"));
        Files.writeString(secrets.resolve("token"), TOKEN + "\n");
        try (Stream<Path> files = Files.list(secrets)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
            }
        }
        return secrets;
    }

    private static Path data(String name) throws IOException {
        Path data = Files.createDirectories(folder.resolve(name));
        if (name.startsWith("hub")) {
            Tools.run("chown", NOBODY_ELSE + ":" + NOBODY_ELSE, data.toString()).succeeded();
        }
        return data;
    }

    /** The set, as far as this machine's root has it itself: a runtime can give no more. */
    private static List<String> held() throws IOException {
        String own =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("CapPrm:"))
                        .findFirst()
                        .orElseThrow();
        long mask = Long.parseUnsignedLong(own.substring("CapPrm:".length()).strip(), 16);
        return AGENT.stream().filter(each -> (mask >> each.number() & 1) == 1).map(Capability::name).toList();
    }

    private static void assertConfined(Container container, int user, List<String> capabilities) throws IOException {
        long mask =
                AGENT.stream()
                        .filter(each -> capabilities.contains(each.name()))
                        .mapToLong(each -> 1L << each.number())
                        .sum();
        assertThat(Long.parseUnsignedLong(container.status("CapEff"), 16)).isEqualTo(mask);
        assertThat(Long.parseUnsignedLong(container.status("CapBnd"), 16)).isEqualTo(mask);
        assertThat(container.status("Uid")).startsWith(user + "\t");
        assertThat(container.status("NoNewPrivs")).isEqualTo("1");
        assertThat(container.status("Seccomp")).as("a filter").isEqualTo("2");
    }

    /** From before the agent starts, so that its first packet can be told. */
    private static Process pinging(NetworkNamespace node) throws IOException {
        List<String> ping = node.command(List.of("ping", "-q", "-i", "0.02", "127.0.0.1"));
        return new ProcessBuilder(ping).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    /** Of another user, who is no concern of the agent's. */
    private static void events(NetworkNamespace node) {
        node.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/bin/echo", "seen-from-the-container");
        node.run("/usr/bin/python3", "-c", "import socket; socket.socket().connect_ex(('127.0.0.1', 4711))");
    }

    private static Path freeze(Api api, Instant from) throws IOException {
        JsonObject snapshot = api.snapshot(from, Instant.now());
        String id = snapshot.getString("id");
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        assertThat(api.request("POST", "snapshots/" + id + "/verify").json().getBoolean("intact")).isTrue();
        String records = api.request("GET", "snapshots/" + id + "/records").body();
        assertThat(records.lines())
                .anyMatch(line -> line.contains("\"kind\":\"EXEC\"") && line.contains("seen-from-the-container"))
                .anyMatch(line -> line.contains("\"kind\":\"CONNECT\"") && line.contains("4711"));
        return api.export(id, "", folder.resolve("export.pcapng"));
    }

    private static boolean isLinked(Api api) {
        return api.request("GET", "nodes").json().getJsonArray("nodes").stream()
                .anyMatch(node -> ((JsonObject) node).getBoolean("reachable"));
    }

    /** How long until the first packet, and what memory: the budget for the one is in docs/BENCHMARKS.md, no test's matter. */
    private static void report(Container agent, Path export) throws IOException {
        List<String> times =
                Tools.run("tshark", "-r", export.toString(), "-Y", "icmp", "-T", "fields", "-e", "frame.time_epoch")
                        .succeeded()
                        .lines();
        assertThat(times).isNotEmpty();
        double first = Double.parseDouble(times.getFirst());
        long sinceStartMs = Math.round(first * 1_000) - agent.startedAt().toEpochMilli();
        long anonymousBytes = ProcessUse.anonymousBytes(agent.process());
        LOG.warn(
                "agent in its container: first packet after {} ms, {} MiB of its own",
                sinceStartMs,
                anonymousBytes >> 20);
        assertThat(Duration.ofMillis(sinceStartMs)).isBetween(Duration.ZERO, Duration.ofSeconds(60));
        assertThat(anonymousBytes).isLessThanOrEqualTo(AGENT_MEMORY_BYTES);
    }

    @Test
    void shouldBeTheSameBytesTwiceButForTheCaches() throws Exception {
        Path again = Files.createDirectories(folder.resolve("again"));
        BuildImage.build(ImageOptions.of(Path.of("..").toRealPath(), again, false));
        List<String> layers =
                OciImage.of(again.resolve("hindsight-image.tar"), folder.resolve("again-unpacked")).layers();

        assertThat(image.layers()).hasSize(5).startsWith(layers.toArray(String[]::new));
        assertThat(layers).hasSize(4);
    }

    @Test
    void shouldSayWhatItHolds() throws Exception {
        Path inside = image.root().resolve("opt/hindsight/sbom.cdx.json");
        JsonObject bill = new JsonObject(Files.readString(inside));

        assertThat(inside).hasSameTextualContentAs(output.resolve("hindsight-sbom.cdx.json"));
        assertThat(bill.getString("bomFormat")).isEqualTo("CycloneDX");
        List<String> names =
                bill.getJsonArray("components").stream().map(each -> ((JsonObject) each).getString("name")).toList();
        assertThat(names).contains("vertx-core", "netty-buffer", "openjdk", "libc6", "libpcap0.8", "libbpf1");
        try (Stream<Path> jars = Files.list(image.root().resolve("opt/hindsight/lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()).filter(jar -> !jar.equals("launcher.jar")))
                    .allMatch(jar -> names.stream().anyMatch(name -> jar.startsWith(name + "-")));
        }
        assertThat(image.config().getJsonObject("Labels").getString("org.opencontainers.image.licenses"))
                .isEqualTo("Apache-2.0");
        assertThat(image.config().getString("User")).isEqualTo("10001:10001");
    }
}
