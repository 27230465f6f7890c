package io.hindsight.hub.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.Snapshot;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.ReadAction;
import io.hindsight.bus.ReadStatus;
import io.hindsight.chunk.Chunk;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.hindsight.client.SnapshotChunks;
import io.hindsight.cluster.BusCluster;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.hub.testing.ReadingProgram;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.json.JsonMapping;
import io.hindsight.testing.TestCertificates;
import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Programs that are members of the Hub's cluster: chunks come in pieces, over mutual TLS. One cluster for all tests, because it takes seconds to form. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusteredHubClientTest {
    private static final long CREDIT = 128 << 10;
    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path EXAMPLE = Path.of("..", "docs", "examples", "java-clustered", "ReadSnapshot.java");

    private Path volume = Path.of(".");
    private Path files = Path.of(".");
    private int[] hubPorts = {};
    private TestHub hub;
    private Vertx member;

    @BeforeAll
    void form(@TempDir Path folder) throws IOException {
        volume = Files.createDirectory(folder.resolve("volume"));
        files = Files.createDirectory(folder.resolve("files"));
        TestCertificates certificates = new TestCertificates(folder);
        TestCertificates.Pem pem = certificates.issued("member", "san=ip:127.0.0.1");
        Files.copy(pem.certificate(), files.resolve("member.pem"));
        Files.copy(pem.key(), files.resolve("member.key"));
        Files.copy(certificates.authority(), files.resolve("ca.pem"));
        Files.writeString(files.resolve("secret"), "a-secret-of-this-cluster\n");
        hubPorts = freePorts();
        hub = new TestHub(join(hubPorts), volume, new ReadLimits(4, LEASE, 64 << 20, 512 << 10, 2 << 20));
        hub.agent("node-1", TestChunks.packets("node-1", 12, 1_200));
        hub.agent("node-2", TestChunks.packets("node-2", 3, 40));
        hub.keepReporting();
        member = joinHub();
    }

    @AfterAll
    void dissolve() {
        member.close().await();
        hub.close();
    }

    private static int[] freePorts() throws IOException {
        try (ServerSocket bus = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket membership = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new int[] {bus.getLocalPort(), membership.getLocalPort()};
        }
    }

    private Vertx join(int[] ports) {
        BusCluster cluster =
                BusCluster.load(
                        new BusClusterConfig(
                                "127.0.0.1",
                                ports[0],
                                ports[1],
                                List.of(new BusClusterConfig.Peer("127.0.0.1", hubPorts[1])),
                                new TlsFiles(
                                        files.resolve("member.pem"),
                                        files.resolve("member.key"),
                                        files.resolve("ca.pem")),
                                files.resolve("secret")));
        return get(cluster.join(Vertx.builder().with(cluster.apply(new VertxOptions()))));
    }

    /** A member that has heard of the Hub. */
    private Vertx joinHub() throws IOException {
        Vertx joined = join(freePorts());
        get(new HubClient(joined).ready(PATIENCE));
        return joined;
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private ReadStatus status() {
        DeliveryOptions options = new DeliveryOptions().addHeader(Addresses.ACTION_HEADER, ReadAction.STATUS.name());
        return JsonMapping.fromJson(
                get(hub.vertx().eventBus().<JsonObject>request(Addresses.READS, new JsonObject(), options)).body(),
                ReadStatus.class);
    }

    private Snapshot frozen() {
        hub.report();
        return get(new ReadingProgram(member).freeze(TestHub.everything("clustered")));
    }

    private void awaitFreed() {
        await().atMost(PATIENCE)
                .until(() -> status().readers() == 0 && status().lingering() == 0 && status().heldBytes() == 0);
    }

    @Test
    void shouldGiveTheSameBytesToTheSameProgramInTheHubsProcessAndInItsCluster() {
        Snapshot snapshot = frozen();
        Map<String, String> sealed = get(new ReadingProgram(hub.vertx()).sealedDigests(snapshot.id()));

        assertThat(get(new ReadingProgram(member).digests(snapshot))).hasSize(2).isEqualTo(sealed);
        assertThat(get(new ReadingProgram(hub.vertx()).digests(snapshot))).isEqualTo(sealed);
        awaitFreed();
    }

    @Test
    void shouldSendNoMoreThanTheCreditToAMemberThatIsPausedAndTheRestLater() {
        Snapshot snapshot = frozen();
        long before = status().bytes();
        AtomicLong got = new AtomicLong();
        Promise<Void> ended = Promise.promise();
        SnapshotChunks chunks = new HubClient(member).chunks(ReadOptions.of(snapshot.id()).credit(CREDIT));
        chunks.pause();
        chunks.exceptionHandler(ended::tryFail)
                .endHandler(whole -> ended.tryComplete())
                .handler(chunk -> {
                    got.addAndGet(chunk.lengthBytes());
                    chunk.release();
                });

        await().during(LEASE.multipliedBy(2))
                .atMost(PATIENCE)
                .untilAsserted(() -> {
                    // The one chunk that is longer than the credit.
                    assertThat(status().bytes() - before).isLessThanOrEqualTo(1_200L * 300);
                    assertThat(got).hasValue(0);
                });
        chunks.resume();
        get(ended.future());
        assertThat(got).hasValue(snapshot.bytes());
        awaitFreed();
    }

    @Test
    void shouldFreeWithinItsLeaseWhatAMemberThatLeftWithoutAWordHeld() throws IOException {
        Snapshot snapshot = frozen();
        Vertx guest = joinHub();
        SnapshotChunks chunks = new HubClient(guest).chunks(ReadOptions.of(snapshot.id()).credit(CREDIT));
        chunks.pause();
        chunks.handler(Chunk::release);
        get(chunks.opened());
        assertThat(status().readers()).isEqualTo(1);

        get(guest.close());

        await().atMost(LEASE.plusSeconds(2)).until(() -> status().readers() == 0);
        awaitFreed();
    }

    @Test
    void shouldRunTheExample() throws IOException {
        int[] ports = freePorts();
        ToolResult result =
                Tools.run(
                        PATIENCE.multipliedBy(4),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EXAMPLE.toString(),
                        "127.0.0.1:" + ports[0] + ":" + ports[1],
                        "127.0.0.1:" + hubPorts[1],
                        files.toString(),
                        String.valueOf(TestHub.everything("any").from()),
                        String.valueOf(TestHub.everything("any").to()));

        assertThat(result.exit()).as(result.stdout() + result.stderr()).isZero();
        String id = hub.all().stream().filter(each -> each.name().equals("from-java")).findFirst().orElseThrow().id();
        Map<String, String> sealed = get(new ReadingProgram(hub.vertx()).sealedDigests(id));
        assertThat(result.stdout())
                .contains("snapshot " + id + " ended: COMPLETE")
                .contains("node node-1 sha256 " + sealed.get("node-1"))
                .contains("node node-2 sha256 " + sealed.get("node-2"));
    }
}
