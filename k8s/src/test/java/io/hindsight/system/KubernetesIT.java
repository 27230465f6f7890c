package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real packets of pods that an API server tells of: each is the pod's that had its address then. */
class KubernetesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String POD_ADDRESS = "10.79.0.2";
    private static final int DATAGRAMS = 5;

    @TempDir private Path folder = Path.of(".");

    private final MockCluster cluster = new MockCluster();
    private NetworkNamespace pod;
    private RunningProgram program;

    @BeforeEach
    void start() throws IOException {
        Root.require("packet sockets");
        Tools.require("tshark");
        pod = new NetworkNamespace();
        pod.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "hspod0", "netns", "1");
        Tools.run("ip", "link", "set", "hspod0", "addrgenmode", "none", "up").succeeded();
        Tools.run("ip", "address", "add", "10.79.0.1/24", "dev", "hspod0").succeeded();
        pod.run("ip", "link", "set", "eth0", "addrgenmode", "none", "up");
        pod.address("eth0", POD_ADDRESS + "/24");
        cluster.create("shop", "cart", POD_ADDRESS);
        program =
                RunningProgram.upHere(
                        folder.resolve("data"),
                        "--interface",
                        "hspod0",
                        "--node",
                        MockCluster.NODE,
                        "--kubernetes",
                        "on",
                        "--kubeconfig",
                        cluster.kubeconfig(folder).toString());
        await().atMost(PATIENCE).until(() -> cluster.watches() > 0 && events().getLong("records") >= 3);
    }

    @AfterEach
    void close() {
        program.close();
        pod.close();
        cluster.close();
    }

    private JsonObject events() throws IOException {
        JsonArray sources =
                program.api()
                        .request("GET", "nodes")
                        .json()
                        .getJsonArray("nodes")
                        .getJsonObject(0)
                        .getJsonArray("sources");
        return sources.stream()
                .map(JsonObject.class::cast)
                .filter(source -> source.getString("source").equals("kubernetes"))
                .findFirst()
                .orElseThrow();
    }

    private void datagrams(int fromPort) {
        pod.run(
                "python3",
                "-c",
                "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('"
                        + POD_ADDRESS
                        + "', "
                        + fromPort
                        + ")); [s.sendto(b'x', ('10.79.0.1', 9)) for i in range("
                        + DATAGRAMS
                        + ")]");
    }

    private void awaitRecords(long atLeast) {
        await().atMost(PATIENCE).until(() -> events().getLong("records") >= atLeast);
    }

    private List<String> tshark(Path file, String filter, String field) {
        return Tools.run("tshark", "-n", "-r", file.toString(), "-Y", filter, "-T", "fields", "-e", field)
                .succeeded()
                .stdout()
                .lines()
                .toList();
    }

    @Test
    void shouldResolveAnAddressThatAnotherPodGotByThePacketsTime() throws IOException {
        Instant from = Instant.now();
        long known = events().getLong("records");
        datagrams(40_001);
        cluster.delete("shop", "cart");
        awaitRecords(known + 1);
        cluster.create("other", "tenant", POD_ADDRESS);
        awaitRecords(known + 2);
        // The creation's time has whole seconds: the address is the new pod's from when it was heard of, at the latest.
        datagrams(40_002);
        program.awaitRecorded(2 * DATAGRAMS);
        JsonObject snapshot = program.api().snapshot(from, Instant.now().plusMillis(100));
        assertThat(snapshot.getString("state")).as(snapshot.encode()).isEqualTo("COMPLETE");
        String id = snapshot.getString("id");

        Path all = program.api().export(id, "", folder.resolve("all.pcapng"));
        assertThat(tshark(all, "udp.srcport == 40001 and frame.comment", "frame.comment"))
                .singleElement()
                .asString()
                .startsWith("shop/cart");
        assertThat(tshark(all, "udp.srcport == 40002 and frame.comment", "frame.comment"))
                .singleElement()
                .asString()
                .startsWith("other/tenant");
        assertThat(tshark(all, "systemd_journal.message contains \"shop/cart was deleted\"", "frame.number"))
                .hasSize(1);
        for (String[] each : new String[][] {{"shop/cart", "40001"}, {"other/tenant", "40002"}}) {
            Path one =
                    program.api()
                            .export(id, "?pod=" + each[0] + "&without=kubernetes,os", folder.resolve("one.pcapng"));
            assertThat(tshark(one, "udp and not icmp", "udp.srcport")).hasSize(DATAGRAMS).containsOnly(each[1]);
        }
        JsonArray held =
                program.api().request("GET", "snapshots/" + id + "/ips?type=Pod").json().getJsonArray("addresses");
        assertThat(held.stream().map(row -> ((JsonObject) row).getJsonObject("holder").getString("name")))
                .containsExactly("cart", "tenant");
        assertThat(held.getJsonObject(0).getInstant("to")).isBeforeOrEqualTo(held.getJsonObject(1).getInstant("from"));
        JsonArray now = program.api().request("GET", "workloads?namespace=other").json().getJsonArray("workloads");
        assertThat(now.stream().map(row -> ((JsonObject) row).getString("name"))).containsExactly("tenant");
    }
}
