package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Several machines on one: a namespace for each node and one for the Hub, joined by cables to a bridge. Every node has an agent, and a
 * neighbour that sends to its interface {@code hsa}, which is the one that is recorded: what goes over the bridge is not.
 */
final class Cluster implements AutoCloseable {
    private static final String HUB_ADDRESS = "10.88.0.1";
    private static final int PORT = 8899;
    private static final String CONTROL_LINK = "hsc";
    private static final String TOKEN = "a-token-for-tests-0123456789";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final Path tokenFile;
    private final NetworkNamespace hubHost = new NetworkNamespace();
    private final List<Node> nodes = new ArrayList<>();
    private @Nullable RunningProgram hub;
    private List<String> hubOptions = List.of();

    /** One node: where it lies, what is sent to it, and the agent that runs there at the moment. */
    final class Node {
        private final int number;
        private final Traffic traffic;
        private List<String> options = List.of();
        private @Nullable RunningProgram agent;

        private Node(int number) throws IOException {
            this.number = number;
            this.traffic = new Traffic(Files.createDirectories(folder.resolve(name())));
            hubHost.plug("hsbr", "hsp" + number, traffic.here(), CONTROL_LINK, "10.88.0." + (10 + number) + "/24");
        }

        String name() {
            return "node-" + number;
        }

        Traffic traffic() {
            return traffic;
        }

        Path folder() {
            return folder.resolve(name());
        }

        RunningProgram agent() {
            if (agent == null) {
                throw new AssertionError(name() + " has no agent");
            }
            return agent;
        }

        void startAgent() throws IOException {
            List<String> all = new ArrayList<>(List.of("--hub", hubUrl(), "--node", name(), "--interface", "hsa"));
            all.addAll(List.of("--token-file", tokenFile.toString(), "--insecure"));
            all.addAll(options);
            agent = RunningProgram.agent(traffic.here(), folder().resolve("data"), all);
        }

        void killAgent() throws InterruptedException {
            agent().end(true);
        }

        /** Every packet to and from the Hub is dropped, as by a cable that is pulled: nobody is told. */
        void cut() {
            traffic.here().run("nft", "add", "table", "inet", "cut");
            for (String hook : List.of("input", "output")) {
                String chain = "{ type filter hook " + hook + " priority 0; policy accept; }";
                traffic.here().run("nft", "add", "chain", "inet", "cut", hook, chain);
                String direction = hook.equals("input") ? "iifname" : "oifname";
                traffic.here().run("nft", "add", "rule", "inet", "cut", hook, direction, CONTROL_LINK, "drop");
            }
        }

        void mend() {
            traffic.here().run("nft", "delete", "table", "inet", "cut");
        }
    }

    /** The machines and the cables; nothing runs yet. */
    Cluster(Path folder, int size) throws IOException {
        Tools.require(
                "ip", "nft", "tcpdump", "python3", "trafgen", "iperf3", "ss", "ping", "editcap", "tshark", "curl");
        this.folder = folder;
        this.tokenFile = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        hubHost.bridge("hsbr", HUB_ADDRESS + "/24");
        for (int i = 1; i <= size; i++) {
            nodes.add(new Node(i));
        }
    }

    private static String hubUrl() {
        return "http://" + HUB_ADDRESS + ":" + PORT;
    }

    List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    Node node(int number) {
        return nodes.get(number - 1);
    }

    /** Where the Hub is. */
    NetworkNamespace hubHost() {
        return hubHost;
    }

    /** Starts the Hub and every agent; returns when all are linked. */
    void start(List<String> optionsOfHub, List<String> optionsOfAgents) throws IOException {
        hubOptions = optionsOfHub;
        launchHub();
        for (Node node : nodes) {
            node.options = optionsOfAgents;
            node.startAgent();
        }
        hub().awaitReady();
        for (Node node : nodes) {
            node.agent().awaitReady();
        }
        awaitLinked(nodes);
    }

    /** Starts the Hub, with the options it had. */
    void startHub() throws IOException {
        launchHub();
        hub().awaitReady();
    }

    private void launchHub() throws IOException {
        List<String> all = new ArrayList<>(List.of("--listen", HUB_ADDRESS + ":" + PORT));
        all.addAll(List.of("--token-file", tokenFile.toString(), "--insecure"));
        all.addAll(hubOptions);
        hub = RunningProgram.hub(hubHost, folder.resolve("hub"), all);
    }

    RunningProgram hub() {
        if (hub == null) {
            throw new AssertionError("there is no Hub");
        }
        return hub;
    }

    void awaitLinked(List<Node> expected) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> reachable().containsAll(expected.stream().map(Node::name).toList()));
    }

    /** Names of the nodes that the Hub reaches. */
    List<String> reachable() {
        return statuses().filter(node -> node.getBoolean("reachable")).map(node -> node.getString("node")).toList();
    }

    /** What the Hub shows of one node. */
    JsonObject status(Node node) {
        return statuses().filter(each -> each.getString("node").equals(node.name())).findFirst().orElseThrow();
    }

    private Stream<JsonObject> statuses() {
        return api().request("GET", "nodes").json().getJsonArray("nodes").stream().map(JsonObject.class::cast);
    }

    Api api() {
        return new Api(hubHost, hubUrl(), List.of("-H", "Authorization: Bearer " + TOKEN));
    }

    /** Runs a command of the program where the Hub is. */
    ToolResult client(String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("--hub", hubUrl(), "--token-file", tokenFile.toString()));
        List<String> placed = hubHost.command(PackagedProgram.command(command.toArray(String[]::new)));
        return Tools.run(placed.toArray(String[]::new));
    }

    /** The packet source of a node, as the Hub shows it. */
    JsonObject source(Node node) {
        return status(node).getJsonArray("sources").getJsonObject(0);
    }

    /** The folder of a sealed snapshot. */
    Path snapshotFolder(String id) {
        return hub().snapshotFolder(id);
    }

    /** Waits until so many bytes of a snapshot of this id have arrived; it must not have ended. */
    void awaitUnderWay(String id, long bytes) {
        await().atMost(PATIENCE)
                .until(
                        () -> api().request("GET", "snapshots/" + id).json(),
                        snapshot -> {
                            assertThat(snapshot.getString("state"))
                                    .as("before %d bytes had arrived: %s", bytes, snapshot)
                                    .isIn("PLANNING", "STREAMING");
                            return snapshot.getLong("bytes") >= bytes;
                        });
    }

    /** Asks for a window over all nodes. */
    String create(Instant from, Instant to) {
        return api().create(from, to);
    }

    /** What the Hub says of its nodes' parts, in the order of the names. */
    static List<JsonObject> parts(JsonObject snapshot) {
        return IntStream.range(0, snapshot.getJsonArray("nodes").size())
                .mapToObj(i -> snapshot.getJsonArray("nodes").getJsonObject(i))
                .toList();
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>();
        nodes.forEach(node -> {
            if (node.agent != null) {
                all.add(node.agent);
            }
        });
        if (hub != null) {
            all.add(hub);
        }
        nodes.forEach(node -> all.add(node.traffic));
        all.add(hubHost);
        closeAll(all);
    }

    private static void closeAll(List<AutoCloseable> all) {
        List<Exception> failures = new ArrayList<>();
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception failed) {
                failures.add(failed);
            }
        }
        assertThat(failures).as("what could not be closed").isEmpty();
    }
}
