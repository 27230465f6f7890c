package io.hindsight.hub.http;

import io.hindsight.api.SnapshotState;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.flow.FlowFilter;
import io.hindsight.hub.flow.FlowGrouping;
import io.hindsight.hub.flow.FlowQuery;
import io.hindsight.hub.flow.FlowSelection;
import io.hindsight.hub.flow.FlowService;
import io.hindsight.hub.flow.FlowSort;
import io.hindsight.hub.packet.IpProtocol;
import io.hindsight.hub.store.SealedSnapshot;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code /snapshots/{id}/flows}. Stateless. */
final class FlowRoutes {
    private final Vertx vertx;
    private final BusClient hub;
    private final Path volume;
    private final FlowService flows;

    FlowRoutes(Vertx vertx, BusClient hub, Path volume, FlowService flows) {
        this.vertx = vertx;
        this.hub = hub;
        this.volume = volume;
        this.flows = flows;
    }

    void list(RoutingContext context) {
        FlowQuery query = query(context);
        hub.snapshots(SnapshotAction.GET, Parameters.id(context), AuthenticationCheck.caller(context))
                .compose(this::open)
                .onSuccess(snapshot -> answer(context, snapshot, query))
                .onFailure(context::fail);
    }

    private static FlowQuery query(RoutingContext context) {
        FlowSelection selection =
                FlowSelection.of(
                        Parameters.names(context, "nodes"),
                        Parameters.time(context, "from"),
                        Parameters.time(context, "to"),
                        context.queryParams().get("bpf"));
        FlowFilter filter =
                new FlowFilter(
                        Parameters.text(context, "namespace"),
                        Parameters.text(context, "pod"),
                        Parameters.text(context, "process"),
                        Parameters.number(context, "port"),
                        protocol(Parameters.text(context, "protocol")));
        Integer limit = Parameters.number(context, "limit");
        Integer offset = Parameters.number(context, "offset");
        return new FlowQuery(
                selection,
                filter,
                FlowGrouping.ofLabel(text(context, "groupBy")).orElse(FlowGrouping.FLOW),
                FlowSort.ofLabel(text(context, "sort")).orElse(FlowSort.BYTES),
                text(context, "order").equals("asc"),
                limit == null ? FlowQuery.DEFAULT_ROWS : limit,
                offset == null ? 0 : offset);
    }

    /** The contract knows which values there are; empty: the default. */
    private static String text(RoutingContext context, String name) {
        String text = Parameters.text(context, name);
        return text == null ? "" : text;
    }

    private static @Nullable Integer protocol(@Nullable String text) {
        return text == null
                ? null
                : IpProtocol.of(text)
                        .orElseThrow(() ->
                                HindsightException.ofField(
                                        ErrorCode.INVALID_REQUEST,
                                        "protocol",
                                        "There is no protocol="
                                                + text
                                                + "; it is a name such as tcp, udp, icmp or sctp, or a number up to "
                                                + IpProtocol.HIGHEST
                                                + "."));
    }

    private Future<SealedSnapshot> open(JsonObject snapshot) {
        SnapshotState state = SnapshotState.valueOf(snapshot.getString("state"));
        if (!state.sealed()) {
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.WRONG_STATE,
                            "A snapshot has flows once it is sealed; this one has state=" + state + "."));
        }
        Path folder = volume.resolve(snapshot.getString("id"));
        return vertx.executeBlocking(() -> SealedSnapshot.open(folder), false);
    }

    private void answer(RoutingContext context, SealedSnapshot snapshot, FlowQuery query) {
        if (context.response().closed() || context.response().ended()) {
            return;
        }
        FlowService.Answer answer;
        try {
            answer = flows.ask(snapshot, query);
        } catch (HindsightException refused) {
            context.fail(refused);
            return;
        }
        context.addEndHandler(ended -> answer.cancel());
        answer.page().onSuccess(page -> Answers.json(context, 200, page)).onFailure(context::fail);
    }
}
