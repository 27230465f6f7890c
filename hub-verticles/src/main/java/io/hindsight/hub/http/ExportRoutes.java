package io.hindsight.hub.http;

import io.hindsight.api.SnapshotState;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.ContentDisposition;
import io.hindsight.hub.export.ExportContent;
import io.hindsight.hub.export.ExportFormat;
import io.hindsight.hub.export.ExportPlan;
import io.hindsight.hub.export.ExportRequest;
import io.hindsight.hub.export.ExportService;
import io.hindsight.hub.export.ExportStream;
import io.hindsight.hub.export.MeaningFilter;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.resolve.Resolutions;
import io.hindsight.hub.store.SealedSnapshot;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code /snapshots/{id}/pcap} and {@code …/records}. What is asked for is checked as a whole before the first byte, so that a client learns of what is wrong by a
 * status. The count of exports belongs to the verticle's context.
 */
final class ExportRoutes {
    private final Vertx vertx;
    private final HubConfig config;
    private final BusClient hub;
    private final ExportService exports;
    private final HttpLimits limits;
    private final Resolutions resolutions;
    private int running;
    private long sentBytes;

    /** An export that can be answered. */
    private record Ready(SealedSnapshot snapshot, ExportPlan plan) {}

    ExportRoutes(
            Vertx vertx,
            HubConfig config,
            BusClient hub,
            ExportService exports,
            HttpLimits limits,
            Resolutions resolutions) {
        this.vertx = vertx;
        this.config = config;
        this.hub = hub;
        this.exports = exports;
        this.limits = limits;
        this.resolutions = resolutions;
    }

    void packets(RoutingContext context) {
        String format = Parameters.text(context, "format");
        export(context, ExportFormat.ofLabel(format == null ? "pcapng" : format), context.queryParams().get("bpf"));
    }

    void records(RoutingContext context) {
        export(context, ExportFormat.NDJSON, "");
    }

    private void export(RoutingContext context, ExportFormat format, String bpf) {
        Answers.requireAccepted(context, List.of(format.mediaType(), "application/octet-stream"));
        Instant from = Parameters.time(context, "from");
        Instant to = Parameters.time(context, "to");
        ExportRequest request =
                ExportRequest.of(
                                format,
                                Parameters.names(context, "nodes"),
                                from,
                                to,
                                bpf,
                                Parameters.flag(context, "correctClocks"))
                        .choosing(contents(context, "with"), contents(context, "without"))
                        .about(meaning(context));
        AtomicReference<@Nullable ExportCustody> custody = new AtomicReference<>();
        Consumer<Boolean> giveBack = takePlace(context, custody);
        hub.snapshots(SnapshotAction.GET, Parameters.id(context), AuthenticationCheck.caller(context))
                .compose(snapshot -> plan(snapshot, request))
                .compose(ready -> recorded(context, ready, custody))
                .onSuccess(ready -> answer(context, ready, giveBack))
                .onFailure(context::fail);
    }

    private static List<ExportContent> contents(RoutingContext context, String name) {
        return Parameters.names(context, name).stream().map(ExportContent::ofLabel).toList();
    }

    private static MeaningFilter meaning(RoutingContext context) {
        return new MeaningFilter(
                Parameters.each(context, "namespace"),
                Parameters.each(context, "pod"),
                Parameters.each(context, "label"),
                Parameters.each(context, "service"),
                Parameters.each(context, "process"));
    }

    /** Asking for the headers alone gives nothing out. */
    private Future<Ready> recorded(
            RoutingContext context, Ready ready, AtomicReference<@Nullable ExportCustody> custody) {
        if (HttpMethod.HEAD.equals(context.request().method())) {
            return Future.succeededFuture(ready);
        }
        ExportCustody export = new ExportCustody(hub, context, ready.snapshot().manifest());
        custody.set(export);
        return export.begin(ready.plan()).map(ready);
    }

    /** @return gives the place back, told whether all was sent; more than once does no harm */
    private Consumer<Boolean> takePlace(RoutingContext context, AtomicReference<@Nullable ExportCustody> custody) {
        if (running >= limits.maxExports()) {
            throw new HindsightException(
                    ErrorCode.TOO_MANY_REQUESTS,
                    "limit=" + limits.maxExports() + " exports are running; try again later.");
        }
        running++;
        AtomicBoolean held = new AtomicBoolean(true);
        Consumer<Boolean> giveBack =
                whole -> {
                    if (held.getAndSet(false)) {
                        running--;
                        sentBytes += context.response().bytesWritten();
                        ExportCustody begun = custody.get();
                        if (begun != null) {
                            begun.end(whole);
                        }
                    }
                };
        context.addEndHandler(ended -> giveBack.accept(ended.succeeded() && !context.failed()));
        return giveBack;
    }

    private Future<Ready> plan(JsonObject snapshot, ExportRequest request) {
        Path folder = config.snapshotDirectory().resolve(snapshot.getString("id"));
        return open(snapshot, folder)
                .compose(sealed ->
                        exports.plan(SnapshotFiles.of(sealed), request, () -> resolutions.of(folder))
                                .map(plan -> new Ready(sealed, plan)));
    }

    private Future<SealedSnapshot> open(JsonObject snapshot, Path folder) {
        SnapshotState state = SnapshotState.valueOf(snapshot.getString("state"));
        if (!state.sealed()) {
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.WRONG_STATE,
                            "A snapshot can be exported once it is sealed; this one has state=" + state + "."));
        }
        return vertx.executeBlocking(() -> SealedSnapshot.open(folder), false);
    }

    private void answer(RoutingContext context, Ready ready, Consumer<Boolean> giveBack) {
        HttpServerResponse response = context.response();
        if (response.closed() || response.ended()) {
            return;
        }
        ExportPlan plan = ready.plan();
        response.putHeader(HttpHeaders.CONTENT_TYPE, plan.request().format().mediaType())
                .putHeader(HttpHeaders.CONTENT_DISPOSITION, ContentDisposition.attachment(plan.fileName()));
        if (plan.storedCopy().isPresent()) {
            ExportPlan.StoredCopy copy = plan.storedCopy().get();
            new StoredFileAnswer(vertx, limits, context, copy, etag(ready.snapshot(), copy), giveBack).send();
        } else {
            stream(context, plan);
        }
    }

    private static String etag(SealedSnapshot snapshot, ExportPlan.StoredCopy copy) {
        return snapshot.files().stream()
                .filter(files -> files.data().equals(copy.file()))
                .map(files -> files.node().data())
                .filter(data -> data != null && data.bytes() == copy.length())
                .map(data -> "\"" + data.sha256() + "\"")
                .findFirst()
                .orElseThrow(() ->
                        new HindsightException(
                                ErrorCode.INTEGRITY_VIOLATED,
                                "The manifest does not have file="
                                        + copy.file().getFileName()
                                        + " with length="
                                        + copy.length()
                                        + "."));
    }

    private void stream(RoutingContext context, ExportPlan plan) {
        HttpServerResponse response = context.response().putHeader(HttpHeaders.ACCEPT_RANGES, "none").setChunked(true);
        if (HttpMethod.HEAD.equals(context.request().method())) {
            response.end();
            return;
        }
        ExportStream stream = exports.open(plan);
        // Not the response's own closeHandler: there is one, and it is the context's.
        context.addEndHandler(ended -> stream.cancel());
        stream.pumpTo(response).compose(done -> response.end()).onFailure(context::fail);
    }

    /** Exports under way. */
    int running() {
        return running;
    }

    /** Bytes of all exports that have ended. */
    long sentBytes() {
        return sentBytes;
    }
}
