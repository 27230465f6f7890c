package io.hindsight.hub.http;

import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * One event, encoded once for all readers: every reader may do no more than GET, so only types are known here that hold what {@code GET /snapshots}, {@code /nodes}
 * and metrics tell as well, and nothing of what packets or records hold. Immutable.
 *
 * @param subject what it is about: newer news of the same subject replaces older
 * @param type {@code snapshot}, {@code batch}, {@code node}, {@code deleted}, {@code volume} or {@code capture}
 * @param json the event
 */
record HubEvent(String subject, String type, String json) {
    /** An event of the bus; empty where it is of a type that is not known here. */
    static Optional<HubEvent> of(JsonObject event) {
        String type = event.getString("type", "");
        return switch (type) {
            case "snapshot" -> of(event, type, "snapshot/" + event.getJsonObject("snapshot").getString("id"));
            case "volume", "capture" -> of(event, type, type);
            case "batch" -> of(event, type, "batch/" + event.getJsonObject("batch").getString("id"));
            case "deleted" -> of(event, type, "snapshot/" + event.getString("id"));
            case "node" -> of(event, type, "node/" + event.getJsonObject("node").getString("node"));
            default -> Optional.empty();
        };
    }

    private static Optional<HubEvent> of(JsonObject event, String type, String subject) {
        return Optional.of(new HubEvent(subject, type, event.encode()));
    }
}
