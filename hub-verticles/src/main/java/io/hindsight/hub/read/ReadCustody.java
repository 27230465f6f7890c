package io.hindsight.hub.read;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.bus.ReadRequest;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.custody.CustodyLog;
import io.hindsight.hub.snapshot.Requester;
import io.hindsight.hub.store.Manifest;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the custody log says of a reading: it gives out what an export does, and stands there as one. Thread-safe. */
final class ReadCustody {
    private final CustodyLog log;
    private final Requester requester;
    private final Manifest manifest;

    ReadCustody(CustodyLog log, Requester requester, Manifest manifest) {
        this.log = log;
        this.requester = requester;
        this.manifest = manifest;
    }

    /** Fails where it cannot be recorded: nothing is given out then. */
    Future<Void> begin(ReadRequest request) {
        Map<String, String> chosen = new HashMap<>();
        chosen.put("format", "chunks");
        chosen.put("carrier", request.carrier().name());
        chosen.put("nodes", String.join(",", request.chosenNodes()));
        chosen.put("sources", String.join(",", request.chosenSources()));
        return log.append(event(CustodyOutcome.BEGUN, null, chosen)).mapEmpty();
    }

    /** The bytes are out already. */
    Future<Void> end(long bytes, @Nullable HindsightException failure) {
        Map<String, String> sent = Map.of("bytes", Long.toString(bytes), "ended", failure == null ? "whole" : "early");
        return failure == null
                ? log.note(event(CustodyOutcome.DONE, null, sent))
                : log.note(event(CustodyOutcome.FAILED, failure.code().name(), sent));
    }

    private CustodyEvent event(CustodyOutcome outcome, @Nullable String code, Map<String, String> details) {
        return new CustodyEvent(
                CustodyAction.EXPORT,
                manifest.id(),
                manifest.name(),
                requester.who(),
                requester.from(),
                outcome,
                code,
                details);
    }
}
