package io.hindsight.hub.snapshot;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.api.Snapshot;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.access.RequestHeaders;
import io.vertx.core.eventbus.Message;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for something, and what the custody log says of it. Immutable.
 *
 * @param who the token's name, {@code local}, or the rule that does it
 * @param from address that the request came from; null: from within the process
 */
public record Requester(String who, @Nullable String from) {
    /** As the sender of a message says. */
    public static Requester of(Message<?> message) {
        return new Requester(
                Objects.requireNonNullElse(message.headers().get(RequestHeaders.REQUESTED_BY), "local"),
                message.headers().get(RequestHeaders.REQUESTED_FROM));
    }

    CustodyEvent begun(CustodyAction action, String id, @Nullable String name, Map<String, String> details) {
        return new CustodyEvent(action, id, name, who, from, CustodyOutcome.BEGUN, null, details);
    }

    CustodyEvent done(CustodyAction action, Snapshot snapshot, Map<String, String> details) {
        return new CustodyEvent(action, snapshot.id(), snapshot.name(), who, from, CustodyOutcome.DONE, null, details);
    }

    CustodyEvent refused(CustodyAction action, Snapshot snapshot, HindsightException why) {
        return failure(action, snapshot, CustodyOutcome.REFUSED, why);
    }

    CustodyEvent failed(CustodyAction action, Snapshot snapshot, HindsightException why) {
        return failure(action, snapshot, CustodyOutcome.FAILED, why);
    }

    private CustodyEvent failure(
            CustodyAction action, Snapshot snapshot, CustodyOutcome outcome, HindsightException why) {
        return new CustodyEvent(
                action,
                snapshot.id(),
                snapshot.name(),
                who,
                from,
                outcome,
                why.code().name(),
                Map.of("reason", String.valueOf(why.getMessage())));
    }
}
