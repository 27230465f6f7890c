package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** How many nodes there should be, as meters. */
class ExpectedNodesMetersTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final NodeMeters meters = new NodeMeters(registry);

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    @Test
    void shouldCountMissingNodesAndThoseThatHaveNoPod() {
        meters.update(
                new JsonObject(
                        """
                        {"nodes":[{"node":"worker-2","sources":[],"reachable":false,"missing":true,"reason":"Its pod waits.","since":"2026-11-25T10:00:00Z"}],
                         "expected":{"daemonSet":"tools/agent","desired":5,"missing":1,"unplaced":2,"readAt":"2026-11-25T10:00:00Z"}}
                        """));

        assertThat(gauge("hindsight.nodes.expected")).isEqualTo(5);
        assertThat(gauge("hindsight.nodes.missing")).isEqualTo(3);
    }

    @Test
    void shouldCountNothingWhereNobodySaysWhoShouldBeThere() {
        meters.update(new JsonObject("{\"nodes\":[]}"));
        assertThat(gauge("hindsight.nodes.expected")).isNaN();

        meters.update(
                new JsonObject(
                        "{\"nodes\":[],\"expected\":{\"daemonSet\":\"a/b\",\"desired\":0,\"missing\":0,\"unplaced\":0,\"problem\":\"No answer.\"}}"));
        assertThat(gauge("hindsight.nodes.missing")).isNaN();
    }
}
