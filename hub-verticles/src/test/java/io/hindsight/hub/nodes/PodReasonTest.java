package io.hindsight.hub.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Statuses as the API server sends them, and what is told of them. */
class PodReasonTest {
    private static JsonObject pod(String node, String deletion, String status) {
        return new JsonObject(
                """
                {"metadata":{"name":"agent-x1","creationTimestamp":"2026-11-25T09:00:00Z"%s},"spec":{%s},"status":%s}
                """
                        .formatted(
                                deletion.isEmpty() ? "" : ",\"deletionTimestamp\":\"" + deletion + "\"",
                                node.isEmpty() ? "" : "\"nodeName\":\"" + node + "\"",
                                status));
    }

    private static String container(String state, String rest) {
        return "{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"agent\",\"state\":%s%s}]}"
                .formatted(state, rest);
    }

    static Stream<Arguments> statuses() {
        return Stream.of(
                Arguments.of(
                        pod(
                                "",
                                "",
                                """
                                {"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
                                 "message":"0/3 nodes are available: 1 node(s) had untolerated taint {disk: full}."}]}
                                """),
                        "Its pod agent-x1 is not scheduled: Unschedulable: 0/3 nodes are available: 1 node(s) had untolerated taint {disk: full}."),
                Arguments.of(pod("", "", "{\"phase\":\"Pending\"}"), "Its pod agent-x1 is not scheduled."),
                Arguments.of(
                        pod("n", "", "{\"phase\":\"Pending\"}"),
                        "Its pod agent-x1 is pending on its node, which has started none of its containers yet."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                container(
                                        "{\"waiting\":{\"reason\":\"ImagePullBackOff\",\"message\":\"Back-off pulling image \\\"hindsight:9\\\"\"}}",
                                        "")),
                        "Its pod agent-x1 waits for its container agent: ImagePullBackOff: Back-off pulling image \"hindsight:9\"."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                container(
                                        "{\"waiting\":{\"reason\":\"CrashLoopBackOff\",\"message\":\"back-off 5m0s restarting\"}}",
                                        ",\"restartCount\":7,\"lastState\":{\"terminated\":{\"exitCode\":137,\"reason\":\"OOMKilled\","
                                                + "\"finishedAt\":\"2026-11-25T10:00:00Z\"}}")),
                        "Its pod agent-x1 waits for its container agent: CrashLoopBackOff: back-off 5m0s restarting;"
                                + " it ended last with exit code 137, by signal 9 (OOMKilled: out of memory) at 2026-11-25T10:00:00Z, restarts=7."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                container(
                                        "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}",
                                        ",\"lastState\":{\"terminated\":{\"exitCode\":78,\"reason\":\"Error\"}}")),
                        "Its pod agent-x1 waits for its container agent: CrashLoopBackOff; it ended last with exit code 78 (Error)."),
                Arguments.of(
                        pod("n", "", container("{\"terminated\":{\"exitCode\":139,\"signal\":11}}", "")),
                        "Its pod agent-x1 has no container agent: it ended with exit code 139, by signal 11."),
                Arguments.of(
                        pod("n", "2026-11-25T11:00:00Z", container("{\"running\":{}}", "")),
                        "Its pod agent-x1 is being ended since 2026-11-25T11:00:00Z."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                "{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"The node was low on resource: ephemeral-storage. \"}"),
                        "Its pod agent-x1 has failed: Evicted: The node was low on resource: ephemeral-storage."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                """
                                {"phase":"Running","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady",
                                 "message":"containers with unready status: [agent]"}],
                                 "containerStatuses":[{"name":"agent","state":{"running":{"startedAt":"2026-11-25T10:00:00Z"}}}]}
                                """),
                        "Its pod agent-x1 runs since 2026-11-25T10:00:00Z and is not ready: ContainersNotReady:"
                                + " containers with unready status: [agent]; its agent is not linked to this Hub."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                """
                                {"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
                                 "initContainerStatuses":[{"name":"prepare","state":{"terminated":{"exitCode":0}}}],
                                 "containerStatuses":[{"name":"agent","state":{"running":{"startedAt":"2026-11-25T10:00:00Z"}}}]}
                                """),
                        "Its pod agent-x1 runs since 2026-11-25T10:00:00Z, and its agent is not linked to this Hub: its log says why."),
                Arguments.of(
                        pod(
                                "n",
                                "",
                                """
                                {"phase":"Pending",
                                 "initContainerStatuses":[{"name":"prepare","state":{"waiting":{"reason":"PodInitializing"}}}],
                                 "containerStatuses":[{"name":"agent","state":{"waiting":{"reason":"ErrImagePull"}}}]}
                                """),
                        "Its pod agent-x1 waits for its container prepare: PodInitializing."));
    }

    @ParameterizedTest
    @MethodSource("statuses")
    void shouldSayWhyAPodBringsNoAgent(JsonObject pod, String reason) {
        assertThat(PodReason.of(new PodJson(pod))).isEqualTo(reason);
    }

    @Test
    void shouldBoundAndCleanWhatTheClusterSays() {
        String hostile = "x\u001b[31m\r\nLevel=ERROR \u202e" + "y".repeat(100_000);
        JsonObject pod = pod("n", "", "{}");
        pod.put("status", new JsonObject().put("phase", "Failed").put("message", hostile).put("reason", 7));

        assertThat(PodReason.of(new PodJson(pod)))
                .startsWith("Its pod agent-x1 has failed: x [31m Level=ERROR y")
                .hasSizeLessThan(ClusterWords.MAX_WORDS_LENGTH + 50)
                .matches("\\P{Cntrl}+");
    }

    @Test
    void shouldPassOverWhatIsOfAnotherType() {
        JsonObject odd =
                new JsonObject(
                        """
                        {"metadata":[],"spec":"x","status":{"phase":{},"conditions":{},"containerStatuses":[7,{"state":[]},{"state":{"waiting":"x"}}]}}
                        """);

        assertThat(PodReason.of(new PodJson(odd))).isEqualTo("Its pod  is not scheduled.");
        assertThat(new PodJson(odd).node()).isNull();
        assertThat(new PodJson(odd).isOwnedBy("x")).isFalse();
    }
}
