package io.hindsight.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code workloads} and {@code ips}, live and of a snapshot, with and without a Hub. */
class WorkloadCommandsTest {
    private static final String POD =
            "{\"type\":\"Pod\",\"namespace\":\"shop\",\"name\":\"web-1\",\"node\":\"n1\",\"labels\":{\"b\":\"2\",\"a\":\"1\"},"
                    + "\"owner\":{\"kind\":\"Deployment\",\"name\":\"web\"},\"addresses\":[\"10.1.0.7\"],"
                    + "\"from\":\"2026-11-22T21:00:01Z\"}";

    @Test
    void shouldShowWhatTheAgentsKnowNow() throws IOException {
        try (HubStub hub = new HubStub()) {
            hub.on(
                    "GET /workloads",
                    200,
                    "{\"workloads\":["
                            + POD
                            + "],\"total\":7,\"limit\":1,\"offset\":0,\"incomplete\":[{\"node\":\"n2\",\"reason\":\"Silent.\"}],"
                            + "\"omitted\":{\"sockets\":3}}");

            Program listed =
                    Program.run(
                            "workloads",
                            "--namespace",
                            "shop,bank",
                            "--name",
                            "^web",
                            "--label",
                            "a=1",
                            "--label",
                            "b",
                            "--type",
                            "pod",
                            "--limit",
                            "1",
                            "--hub",
                            hub.url());

            assertThat(listed.exit()).isZero();
            assertThat(listed.out().lines())
                    .containsExactly(
                            "TYPE  NAMESPACE  NAME   NODE  OWNER           ADDRESSES  FROM                  TO  LABELS",
                            "Pod   shop       web-1  n1    Deployment/web  10.1.0.7   2026-11-22T21:00:01Z  -   a=1,b=2");
            assertThat(listed.err()).contains("1 of 7 shown").contains("incomplete: n2: Silent.").contains("sockets=3");
            assertThat(hub.requests().getFirst().line())
                    .isEqualTo(
                            "GET /api/v1/workloads?namespace=shop&namespace=bank&name=%5Eweb&label=a%3D1&label=b&type=pod&limit=1");
        }
    }

    @Test
    void shouldPrintTheHubsAnswerAsJson() throws IOException {
        String answer =
                "{\"addresses\":[{\"address\":\"10.1.0.7\",\"holder\":"
                        + POD
                        + "}],\"total\":1,\"limit\":100,\"offset\":0}";
        try (HubStub hub = new HubStub()) {
            hub.on("GET /ips", 200, answer);

            assertThat(new JsonObject(Program.run("ips", "--json", "--hub", hub.url()).out()))
                    .isEqualTo(new JsonObject(answer));
        }
    }

    @Test
    void shouldRefuseAnExpressionThatCannotBeUsedWithoutAHub(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("manifest.json"), "{}".getBytes(StandardCharsets.UTF_8));

        Program listed = Program.run("snapshot", "ips", folder.toString(), "--name", "(");

        assertThat(listed.exit()).isEqualTo(2);
        assertThat(listed.err()).startsWith("hindsight: INVALID_REQUEST: ").contains("[field name]");
    }
}
