package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** What readers of events are told. */
final class HubEventTest {
    /** A new type has to be thought about: readers may list and show, and not export. */
    @Test
    void shouldPassOnNothingButWhatItKnows() {
        JsonObject snapshot = new JsonObject().put("type", "snapshot").put("snapshot", new JsonObject().put("id", "a"));
        assertThat(HubEvent.of(snapshot)).isPresent();
        for (String type : new String[] {"packet", "record", "flow", "workload", "custody", ""}) {
            assertThat(HubEvent.of(new JsonObject().put("type", type).put("record", "what somebody said"))).isEmpty();
        }
        assertThat(HubEvent.of(new JsonObject())).isEmpty();
    }
}
