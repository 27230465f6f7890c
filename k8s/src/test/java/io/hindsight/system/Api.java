package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The HTTP API through curl, which also runs where the program does: inside a network namespace. */
final class Api {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> RUNNING = List.of("REQUESTED", "PLANNING", "STREAMING", "VERIFYING", "SEALING");

    private final @Nullable NetworkNamespace namespace;
    private final String address;
    private final List<String> credentials;

    Api(@Nullable NetworkNamespace namespace, String address) {
        this(namespace, address, List.of());
    }

    /** With options of curl that show who asks. */
    Api(@Nullable NetworkNamespace namespace, String address, List<String> credentials) {
        this.namespace = namespace;
        this.address = address;
        this.credentials = credentials;
    }

    /** An answer. */
    record Answer(int status, String headers, String body) {
        JsonObject json() {
            return new JsonObject(body);
        }
    }

    /** One request; the path starts behind the version, or with a slash where it is outside of it. Options are curl's. */
    Answer request(String method, String path, String... options) {
        String url = address + (path.startsWith("/") ? path : "/api/v1/" + path);
        List<String> arguments = new ArrayList<>(List.of("-X", method, "-i", "--path-as-is", url));
        arguments.addAll(List.of(options));
        String text = curl(arguments).stdout();
        while (text.startsWith("HTTP/1.1 100")) {
            text = text.substring(text.indexOf("\r\n\r\n") + 4);
        }
        int end = text.indexOf("\r\n\r\n");
        return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
    }

    private ToolResult curl(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--globoff", "--max-time", "60"));
        command.addAll(credentials);
        command.addAll(arguments);
        List<String> placed = namespace == null ? command : namespace.command(command);
        return Tools.run(placed.toArray(String[]::new)).succeeded();
    }

    /** A request with a JSON body. */
    Answer post(String path, JsonObject body) {
        return request("POST", path, "-H", "Content-Type: application/json", "--data-binary", body.encode());
    }

    /** Asks for a window and waits until it has ended; returns the snapshot. */
    JsonObject snapshot(Instant from, Instant to) {
        return ended(create(from, to));
    }

    /** Asks for a window; returns the id. */
    String create(Instant from, Instant to) {
        JsonObject window = new JsonObject().put("from", from.toString()).put("to", to.toString());
        Answer answer = post("snapshots", window);
        assertThat(answer.status()).as(answer.body()).isEqualTo(202);
        return answer.json().getString("id");
    }

    /** Waits until a snapshot has ended. */
    JsonObject ended(String id) {
        return await().atMost(PATIENCE)
                .until(
                        () -> request("GET", "snapshots/" + id).json(),
                        snapshot -> !RUNNING.contains(snapshot.getString("state")));
    }

    /** The ids of all snapshots. */
    List<String> listed() {
        return request("GET", "snapshots").json().getJsonArray("snapshots").stream()
                .map(snapshot -> ((JsonObject) snapshot).getString("id"))
                .toList();
    }

    /** The packet source of the only node, as {@code GET /nodes} shows it. */
    JsonObject source() {
        JsonObject node = request("GET", "nodes").json().getJsonArray("nodes").getJsonObject(0);
        return node.getJsonArray("sources").getJsonObject(0);
    }

    /** All drops together, whatever their cause. */
    static long sum(JsonObject drops) {
        return drops.stream().mapToLong(each -> ((Number) each.getValue()).longValue()).sum();
    }

    /** Exports a snapshot to a file; the query starts with a question mark or is empty. */
    Path export(String id, String query, Path file) {
        curl(List.of("--fail-with-body", "-o", file.toString(), address + "/api/v1/snapshots/" + id + "/pcap" + query));
        return file;
    }
}
