package io.hindsight.hub.http;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.CustodyCall;
import io.hindsight.hub.export.ExportPlan;
import io.hindsight.hub.store.Manifest;
import io.hindsight.json.JsonMapping;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One export in the custody log: what was chosen, before the first byte; how many bytes were sent and whether that was all, at the end. One context. */
final class ExportCustody {
    private static final Logger LOG = LoggerFactory.getLogger(ExportCustody.class);

    private final BusClient hub;
    private final RoutingContext context;
    private final String id;
    private final String name;
    private boolean open;
    private boolean ended;

    ExportCustody(BusClient hub, RoutingContext context, Manifest manifest) {
        this.hub = hub;
        this.context = context;
        this.id = manifest.id();
        this.name = manifest.name();
    }

    /** Fails where it cannot be recorded: nothing is given out then. */
    Future<Void> begin(ExportPlan plan) {
        Map<String, String> chosen = new HashMap<>();
        chosen.put("file", plan.fileName());
        chosen.put("format", plan.request().format().label());
        String query = context.request().query();
        chosen.put("chosen", query == null ? "" : query);
        String range = context.request().getHeader("Range");
        if (range != null) {
            chosen.put("range", range);
        }
        return record(CustodyOutcome.BEGUN, null, chosen).onSuccess(recorded -> begun());
    }

    /** The client may have gone meanwhile. */
    private void begun() {
        open = true;
        if (ended) {
            end(false);
        }
    }

    /** Once; the bytes are out already, so that it cannot be recorded is logged by the Hub and by this. */
    void end(boolean whole) {
        ended = true;
        if (!open) {
            return;
        }
        open = false;
        Throwable failure = context.failure();
        String code = whole ? null : failure == null ? "CANCELLED" : BusFailures.asHindsight(failure).code().name();
        Map<String, String> sent =
                Map.of("bytes", Long.toString(context.response().bytesWritten()), "ended", whole ? "whole" : "early");
        record(whole ? CustodyOutcome.DONE : CustodyOutcome.FAILED, code, sent)
                .onFailure(lost ->
                        LOG.error("snapshot={}: the end of an export is not recorded: {}", id, lost.getMessage()));
    }

    private Future<Void> record(CustodyOutcome outcome, @Nullable String code, Map<String, String> details) {
        CustodyEvent event =
                new CustodyEvent(
                        CustodyAction.EXPORT,
                        id,
                        name,
                        AuthenticationCheck.caller(context),
                        BusClient.address(context),
                        outcome,
                        code,
                        details);
        return hub.custody(CustodyCall.RECORD, JsonMapping.toJson(event)).mapEmpty();
    }
}
