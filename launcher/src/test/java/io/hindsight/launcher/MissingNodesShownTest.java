package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code nodes} prints of nodes that should have an agent. */
class MissingNodesShownTest {
    private HubStub hub;

    @BeforeEach
    void startHub() throws IOException {
        hub = new HubStub();
    }

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void shouldShowANodeOfWhichNothingWasEverHeard() {
        hub.on(
                "GET /nodes",
                200,
                """
                {"nodes":[{"node":"worker-2","sources":[],"reachable":false,"missing":true,"since":"2026-11-25T10:00:00Z",
                   "reason":"Its pod agent-x is not scheduled: Unschedulable."}],
                 "expected":{"daemonSet":"tools/hindsight-agent","desired":3,"missing":1,"unplaced":1,"note":"No pod yet for nodes=1.",
                   "readAt":"2026-11-25T10:00:00Z","problem":"The API server gives no answer."}}
                """);

        Program shown = Program.run("nodes", "--hub", hub.url());

        assertThat(shown.exit()).isZero();
        assertThat(shown.out().lines().toList().get(1)).startsWith("worker-2").contains("MISSING");
        assertThat(shown.err())
                .contains("worker-2: Its pod agent-x is not scheduled: Unschedulable.")
                .contains("No pod yet for nodes=1.")
                .contains("is as of 2026-11-25T10:00:00Z: The API server gives no answer.");
    }

    @Test
    void shouldMarkANodeThatWasThere() {
        hub.on(
                "GET /nodes",
                200,
                """
                {"nodes":[{"node":"worker-1","instance":"i","version":"1.0.0","time":"2026-11-25T10:00:00Z","startedAt":"2026-11-25T09:00:00Z",
                   "lastHeartbeat":"2026-11-25T10:00:00Z","reachable":false,"missing":true,"since":"2026-11-25T10:00:00Z","reason":"Its pod agent-y waits.",
                   "sources":[{"source":"packets","implementation":"af_packet","healthy":true,"records":1,"bytes":1,"recordsPerSecond":0,
                     "bytesPerSecond":0,"drops":{},"ringBytes":1,"ringUsedBytes":1,"ringPinnedBytes":0,"interfaces":[],"restarts":0,"programs":[]}]}]}
                """);

        Program shown = Program.run("nodes", "--hub", hub.url());

        assertThat(shown.out()).contains("worker-1  packets (af_packet)  MISSING");
        assertThat(shown.err()).isEqualTo("worker-1: Its pod agent-y waits.\n");
    }
}
