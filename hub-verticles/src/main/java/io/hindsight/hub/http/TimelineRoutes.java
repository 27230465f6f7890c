package io.hindsight.hub.http;

import io.hindsight.api.SnapshotState;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.timeline.TimelineQuery;
import io.hindsight.hub.timeline.TimelineService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code /snapshots/{id}/timeline}. Stateless. */
final class TimelineRoutes {
    private final BusClient hub;
    private final TimelineService timelines;
    private final Path volume;

    TimelineRoutes(BusClient hub, TimelineService timelines, Path volume) {
        this.hub = hub;
        this.timelines = timelines;
        this.volume = volume;
    }

    void timeline(RoutingContext context) {
        TimelineQuery query =
                TimelineQuery.of(
                        Parameters.text(context, "bucket"),
                        Parameters.time(context, "from"),
                        Parameters.time(context, "to"),
                        Parameters.names(context, "nodes"));
        AtomicBoolean gone = new AtomicBoolean();
        context.addEndHandler(ended -> gone.set(true));
        hub.snapshots(SnapshotAction.GET, Parameters.id(context), AuthenticationCheck.caller(context))
                .compose(this::folder)
                .compose(folder -> timelines.answer(folder, query, gone::get))
                .onSuccess(json -> Answers.json(context, 200, json))
                .onFailure(context::fail);
    }

    private Future<Path> folder(JsonObject snapshot) {
        SnapshotState state = SnapshotState.valueOf(snapshot.getString("state"));
        return state.sealed()
                ? Future.succeededFuture(volume.resolve(snapshot.getString("id")))
                : Future.failedFuture(
                        new HindsightException(
                                ErrorCode.WRONG_STATE,
                                "A snapshot has a timeline once it is sealed; this one has state=" + state + "."));
    }
}
