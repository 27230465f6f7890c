package io.hindsight.launcher;

import com.sun.net.httpserver.HttpServer;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code train}: runs the clients once against a stand-in that gives canned answers, so that the JVM can store the classes they load in
 * its ahead-of-time cache (JEP 483, 514). The build calls it; people need not.
 */
@Command(name = "train", hidden = true, description = "Runs every client once, for the start-up cache.")
final class TrainCommand implements Callable<Integer> {
    private static final String SNAPSHOT =
            """
            {"id": "train", "name": "train", "state": "COMPLETE", "createdAt": "2026-01-01T00:00:00Z", "createdBy": "local",
             "endedAt": "2026-01-01T00:00:01Z", "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:01Z", "bytes": 1, "packets": 1,
             "records": 0, "chunks": 1, "progress": {"bytesExpected": 1, "bytesDone": 1, "bytesDurable": 1, "bytesPerSecond": 1.0},
             "nodes": [{"node": "a", "state": "COMPLETE", "bytesExpected": 1, "bytes": 1, "bytesDurable": 1, "packets": 1, "records": 0,
             "chunks": 1, "drops": {"kernel": 1}, "gaps": [{"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:01Z",
             "cause": "RECYCLED", "detail": "None."}]}], "merkleRoot": "00"}\
            """;

    private static final String NODES =
            """
            {"nodes": [{"node": "a", "instance": "i", "version": "0", "time": "2026-01-01T00:00:00Z", "startedAt": "2026-01-01T00:00:00Z",
             "reachable": true, "sources": [{"source": "packets", "implementation": "af_packet", "healthy": true, "records": 1, "bytes": 1,
             "recordsPerSecond": 1.0, "bytesPerSecond": 1.0, "drops": {}, "ringBytes": 1, "ringUsedBytes": 1, "ringPinnedBytes": 0,
             "interfaces": [{"name": "lo", "linkType": 1, "present": true}]}]}]}\
            """;

    private static final String REPORT =
            """
            {"id": "train", "intact": true, "files": 1, "chunks": 1, "bytes": 1, "merkleRoot": "00", "durationMs": 1, "violations": []}\
            """;

    private static final String PROBLEM =
            """
            {"code": "WRONG_STATE", "detail": "It has ended.", "status": 409}\
            """;

    @Override
    public Integer call() throws IOException {
        HttpServer hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer(
                hub,
                "/api/v1/snapshots",
                200,
                "{\"snapshots\": [" + SNAPSHOT + "], \"total\": 1, \"limit\": 1, \"offset\": 0}",
                SNAPSHOT);
        answer(hub, "/api/v1/snapshots/train", 200, SNAPSHOT, SNAPSHOT);
        answer(hub, "/api/v1/snapshots/train/verify", 200, REPORT, REPORT);
        answer(hub, "/api/v1/snapshots/train/cancel", 409, PROBLEM, PROBLEM);
        answer(hub, "/api/v1/nodes", 200, NODES, NODES);
        String event = "data: {\"type\": \"snapshot\", \"snapshot\": " + SNAPSHOT.replace("\n", "") + "}\n\n";
        answer(hub, "/api/v1/events", 200, event, event);
        hub.start();
        try {
            train("http://127.0.0.1:" + hub.getAddress().getPort());
        } finally {
            hub.stop(0);
        }
        return ExitStatus.DONE.code();
    }

    private static void answer(HttpServer hub, String path, int status, String toGet, String toPost) {
        hub.createContext(
                path,
                exchange -> {
                    byte[] body =
                            (exchange.getRequestMethod().equals("GET") ? toGet : toPost)
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(status, body.length);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write(body);
                    }
                });
    }

    private static void train(String hub) {
        Terminal nowhere = nowhere();
        List<List<String>> commands =
                List.of(
                        List.of("--help"),
                        List.of("snapshot", "--help"),
                        List.of("snapshot", "list"),
                        List.of("snapshot", "list", "--json"),
                        List.of("snapshot", "show", "train"),
                        List.of("snapshot", "cancel", "train"),
                        List.of("snapshot", "verify", "train"),
                        List.of("snapshot", "create", "--last", "5m", "--wait"),
                        List.of("snapshot", "create", "--from", "-5m", "--to", "now", "--json"),
                        List.of("snapshot", "create", "--lost"),
                        List.of("nodes"));
        for (List<String> command : commands) {
            List<String> arguments = new ArrayList<>(command);
            if (!command.contains("--help")) {
                arguments.addAll(List.of("--hub", hub));
            }
            String[] line = arguments.toArray(String[]::new);
            HindsightCommand.commandLine(nowhere, line).execute(line);
        }
    }

    private static Terminal nowhere() {
        PrintStream silent = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return new Terminal(silent, silent, false, false);
    }
}
