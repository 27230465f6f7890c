package io.hindsight.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.api.AddressPage;
import io.hindsight.api.Batch;
import io.hindsight.api.BatchRequest;
import io.hindsight.api.Boundaries;
import io.hindsight.api.CaptureChange;
import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.CustodyQuery;
import io.hindsight.api.CustodyReport;
import io.hindsight.api.CustodyStatus;
import io.hindsight.api.Flow;
import io.hindsight.api.FlowGroup;
import io.hindsight.api.FlowPage;
import io.hindsight.api.Gap;
import io.hindsight.api.HeldAddress;
import io.hindsight.api.NodeCapture;
import io.hindsight.api.NodeShortfall;
import io.hindsight.api.NodeStatus;
import io.hindsight.api.RetentionPlan;
import io.hindsight.api.RetentionQuery;
import io.hindsight.api.ScrubStatus;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.Timeline;
import io.hindsight.api.Transfer;
import io.hindsight.api.Verification;
import io.hindsight.api.VerifyReport;
import io.hindsight.api.Violation;
import io.hindsight.api.VolumeStatus;
import io.hindsight.api.Workload;
import io.hindsight.api.WorkloadPage;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CreditAnswer;
import io.hindsight.bus.CreditGrant;
import io.hindsight.bus.ExtentPlan;
import io.hindsight.bus.HeartbeatAnswer;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.bus.ListeningAt;
import io.hindsight.bus.LockRequest;
import io.hindsight.bus.PlanRequest;
import io.hindsight.bus.ReleaseRequest;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.bus.StreamRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class JsonMappingTest {
    private static final List<Class<? extends Record>> MESSAGES =
            List.of(
                    AddressPage.class,
                    Boundaries.class,
                    CaptureChange.class,
                    CaptureOrder.class,
                    CaptureOverview.class,
                    ListeningAt.class,
                    CapturePolicy.class,
                    CaptureState.class,
                    ClockOffset.class,
                    Flow.class,
                    FlowGroup.class,
                    FlowPage.class,
                    Gap.class,
                    HeldAddress.class,
                    NodeCapture.class,
                    NodeShortfall.class,
                    NodeStatus.class,
                    Transfer.class,
                    Snapshot.class,
                    SnapshotNode.class,
                    SnapshotPage.class,
                    SnapshotQuery.class,
                    SnapshotRequest.class,
                    Batch.class,
                    BatchRequest.class,
                    Timeline.class,
                    VerifyReport.class,
                    Workload.class,
                    WorkloadPage.class,
                    Violation.class,
                    Verification.class,
                    ScrubStatus.class,
                    CustodyAnchor.class,
                    CustodyEntry.class,
                    CustodyEvent.class,
                    CustodyPage.class,
                    CustodyQuery.class,
                    CustodyReport.class,
                    CustodyStatus.class,
                    RetentionPlan.class,
                    RetentionQuery.class,
                    VolumeStatus.class,
                    LockRequest.class,
                    CreditAnswer.class,
                    CreditGrant.class,
                    ExtentPlan.class,
                    HeartbeatAnswer.class,
                    KnownObjectsAnswer.class,
                    KnownObjectsRequest.class,
                    PlanRequest.class,
                    ReleaseRequest.class,
                    SharedStreamRequest.class,
                    StreamEnd.class,
                    StreamRequest.class);

    @Property(tries = 100)
    void shouldMapEveryMessageThereAndBack(@ForAll long seed) {
        RandomRecords records = new RandomRecords(new Random(seed));
        for (Class<? extends Record> type : MESSAGES) {
            Record message = records.make(type);

            assertThat(JsonMapping.fromJson(new JsonObject(JsonMapping.toJson(message).encode()), type))
                    .isEqualTo(message);
        }
    }

    @Property(tries = 300)
    void shouldRefuseOrReadAMutatedMessage(@ForAll long seed) {
        Random random = new Random(seed);
        Class<? extends Record> type = MESSAGES.get(random.nextInt(MESSAGES.size()));
        String text = JsonMapping.toJson(new RandomRecords(random).make(type)).encode();
        byte[] mutated = Mutations.mutate(text.getBytes(StandardCharsets.UTF_8), random);
        try {
            JsonObject json = new JsonObject(new String(mutated, StandardCharsets.UTF_8));
            assertThat(JsonMapping.fromJson(json, type)).isInstanceOf(type);
        } catch (DecodeException notJson) {
            assertThat(notJson).isNotNull();
        } catch (HindsightException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
    }

    @Test
    void shouldKnowEveryMessageThereIs() throws IOException, URISyntaxException {
        assertThat(records(Snapshot.class)).isSubsetOf(MESSAGES);
        assertThat(records(PlanRequest.class)).isSubsetOf(MESSAGES);
    }

    @Test
    void shouldWriteTimesWithNanosecondsAndLeaveAbsentValuesOut() {
        JsonObject json =
                JsonMapping.toJson(
                        new SnapshotRequest(null, null, Instant.parse("2026-11-22T21:00:00.000000001Z"), null, null));

        assertThat(json.encode()).isEqualTo("{\"from\":\"2026-11-22T21:00:00.000000001Z\"}");
    }

    @Test
    void shouldPassByFieldsOfANewerPeer() {
        JsonObject json = new JsonObject().put("snapshotId", "s").put("reason", "done").put("later", new JsonObject());

        assertThat(JsonMapping.fromJson(json, ReleaseRequest.class)).isEqualTo(new ReleaseRequest("s", "done"));
    }

    @Test
    void shouldNameTheFieldThatIsMissingOrUnfit() {
        assertRefused(new JsonObject().put("reason", "x"), ReleaseRequest.class, "snapshotId");
        assertRefused(new JsonObject().put("from", "yesterday"), SnapshotRequest.class, "from");
        assertRefused(new JsonObject().put("nodes", "n1"), SnapshotRequest.class, "nodes");
        assertRefused(
                new JsonObject().put("states", new JsonArray().add("NO_SUCH_STATE")), SnapshotQuery.class, "states[0]");
        JsonObject gap = new JsonObject().put("from", "2026-11-22T21:00:00Z").put("to", "2026-11-22T21:00:00Z");
        JsonObject plan = new JsonObject().put("node", "n").put("gaps", new JsonArray().add(gap));
        assertRefused(plan, ExtentPlan.class, "gaps[0].cause");
        assertRefused(
                new JsonObject().put("snapshotId", "s").put("durable", new JsonObject().put("os", "many")),
                CreditGrant.class,
                "durable.os");
    }

    private static void assertRefused(JsonObject json, Class<?> type, String field) {
        assertThatThrownBy(() -> JsonMapping.fromJson(json, type))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(e.field()).isEqualTo(field);
                            assertThat(e).hasMessageContaining(field);
                        });
    }

    /** Top-level records beside this one, by their class files. */
    private static List<Class<?>> records(Class<?> neighbour) throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(neighbour.getResource("")).toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.contains("$") && !name.startsWith("package-info"))
                    .<Class<?>>map(name -> load(neighbour, name.substring(0, name.length() - ".class".length())))
                    .filter(Class::isRecord)
                    .toList();
        }
    }

    private static Class<?> load(Class<?> neighbour, String simpleName) {
        try {
            return Class.forName(neighbour.getPackageName() + "." + simpleName);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
