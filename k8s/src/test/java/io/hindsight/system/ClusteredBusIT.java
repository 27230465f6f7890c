package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.bus.Addresses;
import io.hindsight.bus.NodeAction;
import io.hindsight.cluster.BusCluster;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Hub, two agents and a Java program in four processes, joined by the clustered bus alone. The first node's ring was sent to the same Hub over a lane
 * before, so that the two ways can be compared.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusteredBusIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PACKETS = 24_000;
    private static final int PACKET_BYTES = 1_400;
    private static final List<String> RING =
            List.of("--storage-size", "64Mi", "--slot-size", "1Mi", "--os-events", "off", "--kubernetes", "off");

    /** One write of a chunk in 300 ms for each of two files. */
    private static final String SLOWLY = "delay_exit=300000";

    private static final Duration HOW_LONG = Duration.ofSeconds(5);

    /** As in {@link SlowHubIT}: {@code lane-memory}, and what the allocator and the threads need. */
    private static final long HUB_GROWTH_LIMIT_BYTES = 160L << 20;

    /** What a member holds beside what an agent does: Infinispan and JGroups. */
    private static final long AGENT_LIMIT_BYTES = 256L << 20;

    private final Instant from = Instant.now().minusSeconds(120);
    private final Instant to = from.plusSeconds(100);

    @TempDir private static Path folder = Path.of(""); // set by JUnit

    @SuppressWarnings("NullAway.Init")
    private ClusterKeys keys;

    @SuppressWarnings("NullAway.Init")
    private ClusterKeys.Ports hubPorts;

    @SuppressWarnings("NullAway.Init")
    private RunningProgram hub;

    private final List<RunningProgram> agents = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Path overLane;

    @BeforeAll
    void start() throws Exception {
        Tools.require("strace", "curl");
        keys = new ClusterKeys(folder);
        hubPorts = ClusterKeys.Ports.free();
        Path capture = folder.resolve("traffic.pcap");
        CaptureFile.write(capture, packets());
        Path empty = folder.resolve("nothing.pcap");
        CaptureFile.write(empty, List.of());
        record(capture);
        List<String> hubOptions = new ArrayList<>(keys.options(hubPorts));
        hubOptions.addAll(List.of("--lane-memory", "64Mi", "--scrub-rate", "0"));
        hub = RunningProgram.hubHere(folder.resolve("hub"), hubOptions);
        overLane = overLane(empty);
        startAgent("node-a", copyOfRing("member-a"), empty);
        startAgent("node-b", folder.resolve("member-b"), capture);
        await().atMost(PATIENCE).until(() -> reachable().equals(List.of("node-a", "node-b")) && haveClocks());
    }

    /** Then there is a connection in each direction. */
    private boolean haveClocks() throws IOException {
        return nodes().stream().allMatch(node -> ((JsonObject) node).containsKey("clock"));
    }

    private List<Packet> packets() {
        Random random = new Random(1);
        long startNs = from.plusSeconds(10).toEpochMilli() * 1_000_000;
        return IntStream.range(0, PACKETS)
                .mapToObj(i -> {
                    byte[] bytes = new byte[PACKET_BYTES];
                    random.nextBytes(bytes);
                    return new Packet(startNs + i * 3_000_000L, PACKET_BYTES, bytes);
                })
                .toList();
    }

    /** The ring that both ways start from. */
    private void record(Path capture) throws Exception {
        List<String> options = new ArrayList<>(RING);
        options.addAll(List.of("--node", "node-a", "--replay", capture.toString(), "--replay-speed", "full"));
        try (RunningProgram up = RunningProgram.upHere(folder.resolve("recorder"), options.toArray(String[]::new))) {
            up.awaitRecorded(PACKETS);
            up.end(false);
        }
    }

    private Path copyOfRing(String name) throws IOException {
        Path data = Files.createDirectories(folder.resolve(name));
        Tools.run("cp", "-r", folder.resolve("recorder/ring").toString(), data.toString()).succeeded();
        return data;
    }

    /** The file that a linked agent's chunks make. */
    private Path overLane(Path empty) throws Exception {
        List<String> options = new ArrayList<>(RING);
        options.addAll(List.of("--node", "node-a", "--replay", empty.toString(), "--hub", hub.address()));
        try (RunningProgram linked = RunningProgram.agentHere(copyOfRing("linked"), options).awaitReady()) {
            await().atMost(PATIENCE).until(() -> reachable().equals(List.of("node-a")));
            Path file = dataFile(hub.api().snapshot(from, to), "node-a");
            linked.end(false);
            return file;
        }
    }

    private void startAgent(String node, Path data, Path capture) throws IOException {
        Files.createDirectories(data);
        List<String> options = new ArrayList<>(RING);
        options.addAll(List.of("--node", node, "--replay", capture.toString(), "--replay-speed", "full"));
        options.addAll(keys.options(ClusterKeys.Ports.free(), hubPorts));
        agents.add(RunningProgram.agentHere(data, options).awaitReady());
    }

    private List<String> reachable() throws IOException {
        return nodes().stream()
                .map(JsonObject.class::cast)
                .filter(node -> node.getBoolean("reachable"))
                .map(node -> node.getString("node"))
                .sorted()
                .toList();
    }

    private JsonArray nodes() throws IOException {
        return hub.api().request("GET", "nodes").json().getJsonArray("nodes");
    }

    private Path dataFile(JsonObject snapshot, String node) throws IOException {
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        try (Stream<Path> files = Files.list(hub.snapshotFolder(snapshot.getString("id")))) {
            return files.filter(file -> file.getFileName().toString().startsWith(node))
                    .filter(file -> file.toString().endsWith(".pcapng"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @AfterAll
    void stop() {
        agents.forEach(RunningProgram::close);
        if (hub != null) {
            hub.close();
        }
    }

    @Test
    @Order(1)
    void shouldBringTheSameBytesAsALane() throws Exception {
        JsonObject snapshot = hub.api().snapshot(from, to);
        Path file = dataFile(snapshot, "node-a");
        assertThat(Files.size(file)).isGreaterThan((long) PACKETS * PACKET_BYTES);
        assertThat(Files.mismatch(file, overLane)).as("first byte that differs").isEqualTo(-1);
        Path export = hub.api().export(snapshot.getString("id"), "?nodes=node-b", folder.resolve("b.pcapng"));
        assertThat(CaptureFile.pcapng(export)).extracting(Packet::timestampNs).hasSize(PACKETS);
        assertThat(hub.api().request("GET", "/metrics").body())
                .containsPattern("hindsight_cluster_received_chunks_total\\S* [1-9]")
                .containsPattern("hindsight_cluster_refusals_total\\S* 0");
    }

    @Test
    @Order(2)
    void shouldAnswerAProgramOfTheClusterAndShowWhoIsAMember() throws Exception {
        Vertx program = join(keys.member(ClusterKeys.Ports.free(), hubPorts)).await();
        try {
            DeliveryOptions list = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, NodeAction.LIST.name());
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            assertThat(
                                            program.eventBus()
                                                    .<JsonObject>request(Addresses.NODES, new JsonObject(), list)
                                                    .await()
                                                    .body()
                                                    .getJsonArray("nodes"))
                                    .hasSize(2));
        } finally {
            program.close().await();
        }
        for (Object each : nodes()) {
            JsonObject node = (JsonObject) each;
            assertThat(node.getJsonObject("member").getString("from")).startsWith("127.0.0.1:");
            assertThat(node.containsKey("link")).isFalse();
            assertThat(node.getJsonObject("clock")).as("estimated from heartbeats").isNotNull();
        }
    }

    private static Future<Vertx> join(BusClusterConfig config) {
        BusCluster cluster = BusCluster.load(config);
        return cluster.join(Vertx.builder().with(cluster.apply(new VertxOptions())));
    }

    @Test
    @Order(3)
    void shouldKeepOutWhoLacksTheSecret() throws Exception {
        assertThatThrownBy(() -> join(keys.withoutSecret(ClusterKeys.Ports.free(), hubPorts)).await())
                .isInstanceOfSatisfying(
                        HindsightException.class, refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN))
                .hasMessageContaining("cluster-secret-file");
    }

    @Test
    @Order(4)
    void shouldKeepOutACertificateOfAnotherAuthority() throws Exception {
        Vertx alone = join(keys.ofAnotherAuthority(ClusterKeys.Ports.free(), hubPorts)).await();
        try {
            assertThatThrownBy(() -> alone.eventBus().request(Addresses.NODES, new JsonObject()).await())
                    .hasMessageContaining("No handlers");
        } finally {
            alone.close().await();
        }
        assertThat(reachable()).containsExactly("node-a", "node-b");
    }

    @Test
    @Order(5)
    void shouldSayNothingToAPlainClientOrOneWithoutACertificate() throws Exception {
        for (int port : List.of(hubPorts.bus(), hubPorts.membership())) {
            try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
                plain.setSoTimeout(20_000);
                plain.getOutputStream().write("hello\r\n\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII));
                byte[] said = plain.getInputStream().readNBytes(100);
                assertThat(new String(said, StandardCharsets.ISO_8859_1)).as("port %d", port).doesNotContain("node");
            }
            assertNotTakenWithoutCertificate(port);
        }
    }

    /** TLS 1.3 tells of the missing certificate behind the handshake: the connection is closed before a byte of the application. */
    private void assertNotTakenWithoutCertificate(int port) {
        Vertx vertx = Vertx.vertx();
        try {
            NetClientOptions options =
                    new NetClientOptions()
                            .setSsl(true)
                            .setHostnameVerificationAlgorithm("")
                            .setTrustOptions(
                                    new PemTrustOptions().addCertPath(Objects.toString(keys.tls().authority())));
            List<String> said = new ArrayList<>();
            Future<Void> closed =
                    vertx.createNetClient(options)
                            .connect(port, "127.0.0.1")
                            .compose(socket -> closed(socket, said))
                            .otherwiseEmpty();
            await().atMost(PATIENCE).until(closed::isComplete);
            assertThat(said).isEmpty();
        } finally {
            vertx.close().await();
        }
    }

    private static Future<Void> closed(NetSocket socket, List<String> said) {
        return Future.future(closed ->
                socket.handler(bytes -> said.add(bytes.toString()))
                        .exceptionHandler(failure -> said.removeIf(String::isEmpty))
                        .closeHandler(gone -> closed.complete()));
    }

    @Test
    @Order(6)
    void shouldHoldEveryoneBackWhereTheHubIsSlow() throws Exception {
        ProcessHandle process = hub.process().toHandle();
        ProcessUse atRest = ProcessUse.of(process);
        String id = hub.api().create(from, to);
        List<Path> files = await().until(() -> dataFiles(id), found -> found.size() == 2);
        try (Strace slow = new Strace(folder, process, "write,writev,pwrite64,pwritev", SLOWLY, files)) {
            Instant end = Instant.now().plus(HOW_LONG);
            while (Instant.now().isBefore(end)) {
                long growth = ProcessUse.anonymousBytes(process) - atRest.anonymousBytes();
                assertThat(growth).as("the Hub's growth").isLessThan(HUB_GROWTH_LIMIT_BYTES);
                for (RunningProgram agent : agents) {
                    long bytes = ProcessUse.anonymousBytes(agent.process().toHandle());
                    assertThat(bytes).as("an agent's anonymous bytes").isLessThan(AGENT_LIMIT_BYTES);
                }
            }
            assertThat(slow.text()).as("writes were slowed down").contains("writ");
        }
        JsonObject snapshot = hub.api().ended(id);
        assertThat(Files.mismatch(dataFile(snapshot, "node-a"), overLane)).isEqualTo(-1);
    }

    private List<Path> dataFiles(String id) {
        try (Stream<Path> files = Files.walk(hub.data().resolve("snapshots"), 2)) {
            return files.filter(file -> file.toString().endsWith(".pcapng"))
                    .filter(file -> file.toString().contains(id))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
