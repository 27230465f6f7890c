package io.hindsight.hub.resolve;

import static io.hindsight.hub.testing.KubernetesChanges.checkpoint;
import static io.hindsight.hub.testing.KubernetesChanges.deleted;
import static io.hindsight.hub.testing.KubernetesChanges.owned;
import static io.hindsight.hub.testing.KubernetesChanges.patched;
import static io.hindsight.hub.testing.KubernetesChanges.pod;
import static io.hindsight.hub.testing.KubernetesChanges.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange.Kind;
import io.hindsight.hub.resolve.Resolution.AddressInterval;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.resolve.Resolution.Owner;
import io.hindsight.hub.testing.KubernetesChanges;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who had an address when, rule by rule. Seconds since the epoch throughout. */
class AddressResolutionTest {
    private static final String IP = "10.1.0.7";

    private final ResolutionBuilder builder = new ResolutionBuilder();

    @Test
    void shouldGiveAPodItsAddressFromItsStart() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", "", 100)));
        builder.kubernetesChange("n1", whole(Kind.MODIFIED, "Pod", "a", 105, pod("a", IP, 100)));

        assertThat(holder(99)).isNull();
        assertThat(holder(100)).isEqualTo("shop/a");
        assertThat(holder(1_000_000)).isEqualTo("shop/a");
    }

    @Test
    void shouldResolveAReusedAddressByTime() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n1", deleted("Pod", "a", 200));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "b", 205, pod("b", IP, 190)));

        assertThat(holder(199)).isEqualTo("shop/a");
        assertThat(holder(200)).as("b began before, but a had the address until then").isEqualTo("shop/b");
        assertThat(builder.build().addresses())
                .extracting(each -> each.holder().name(), each -> each.holder().valid())
                .containsExactly(tuple("a", window(100, 200)), tuple("b", from(200)));
    }

    @Test
    void shouldEndTheOneBeforeWhenItsDeletionIsHeardLateOrNever() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n2", whole(Kind.ADDED, "Pod", "b", 205, pod("b", IP, 190)));
        builder.kubernetesChange("n1", whole(Kind.MODIFIED, "Pod", "a", 300, pod("a", IP, 100, Map.of("x", "y"))));

        assertThat(holder(204)).isEqualTo("shop/a");
        assertThat(holder(205)).isEqualTo("shop/b");
        assertThat(holder(301)).as("a change of its labels gives an address back to nobody").isEqualTo("shop/b");
    }

    @Test
    void shouldNotDependOnTheOrderOfRecorders() {
        builder.kubernetesChange("n2", whole(Kind.ADDED, "Pod", "b", 205, pod("b", IP, 190)));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n1", deleted("Pod", "a", 200));

        assertThat(holder(199)).isEqualTo("shop/a");
        assertThat(holder(200)).isEqualTo("shop/b");
    }

    @Test
    void shouldEndWithThePhase() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n1", patched("Pod", "a", 150, Map.of("status", Map.of("phase", "Succeeded"))));

        assertThat(holder(149)).isEqualTo("shop/a");
        assertThat(holder(150)).isNull();
        assertThat(workload("a").valid()).as("the object is still there").isEqualTo(from(100));
    }

    @Test
    void shouldFollowAChangedAddress() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange(
                "n1",
                patched(
                        "Pod",
                        "a",
                        150,
                        Map.of("status", Map.of("podIP", "10.1.0.8", "podIPs", List.of(Map.of("ip", "10.1.0.8"))))));

        assertThat(holder(149)).isEqualTo("shop/a");
        assertThat(holder(150)).isNull();
        assertThat(holder("10.1.0.8", 100)).isNull();
        assertThat(holder("10.1.0.8", 102)).as("had since the last news of the other").isEqualTo("shop/a");
        assertThat(workload("a").addresses()).containsExactly(IP, "10.1.0.8");
    }

    @Test
    void shouldLeaveTheNodesAddressToTheNode() {
        Map<String, Object> daemon = new HashMap<>(pod("daemon", "192.168.0.1", 100));
        daemon.put("spec", Map.of("nodeName", "n1", "hostNetwork", true));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "daemon", 101, daemon));
        builder.kubernetesChange("cluster", whole(Kind.KNOWN, "Node", "n1", 90, node("192.168.0.1")));

        assertThat(holder("192.168.0.1", 120)).isEqualTo("n1");
        assertThat(workload("daemon").addresses()).isEmpty();
    }

    @Test
    void shouldTakeAPodOfTheHostsAddressForOneOfItsNetwork() {
        Map<String, Object> daemon = new HashMap<>(pod("daemon", "192.168.0.1", 100));
        daemon.put("status", Map.of("phase", "Running", "podIP", "192.168.0.1", "hostIP", "192.168.0.1"));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "daemon", 101, daemon));

        assertThat(holder("192.168.0.1", 120)).isNull();
    }

    @Test
    void shouldResolveServicesByAllTheirAddresses() {
        builder.kubernetesChange(
                "cluster",
                whole(
                        Kind.KNOWN,
                        "Service",
                        "ledger",
                        90,
                        Map.of(
                                "spec",
                                Map.of(
                                        "clusterIP",
                                        "10.96.0.5",
                                        "clusterIPs",
                                        List.of("10.96.0.5", "fd00::5"),
                                        "externalIPs",
                                        List.of("203.0.113.5")),
                                "status",
                                Map.of("loadBalancer", Map.of("ingress", List.of(Map.of("ip", "198.51.100.5")))))));
        builder.kubernetesChange(
                "cluster", whole(Kind.KNOWN, "Service", "none", 90, Map.of("spec", Map.of("clusterIP", "None"))));

        for (String address : List.of("10.96.0.5", "fd00::5", "203.0.113.5", "198.51.100.5")) {
            assertThat(holder(address, 50)).as(address).isEqualTo("shop/ledger");
        }
        assertThat(workload("none").addresses()).isEmpty();
    }

    @Test
    void shouldPreferPodsToNodesToServices() {
        builder.kubernetesChange(
                "cluster", whole(Kind.KNOWN, "Service", "lb", 90, Map.of("spec", Map.of("clusterIP", IP))));
        assertThat(holder(100)).isEqualTo("shop/lb");
        builder.kubernetesChange("cluster", whole(Kind.KNOWN, "Node", "n1", 90, node(IP)));
        assertThat(holder(100)).isEqualTo("n1");
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        assertThat(holder(100)).isEqualTo("shop/a");
        assertThat(holder(99)).isEqualTo("n1");
    }

    @Test
    void shouldNameTheTopmostOwnerThatIsKnown() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "web-1-x", 101, owned("ReplicaSet", "web-1")));
        assertThat(workload("web-1-x").owner()).isEqualTo(new Owner("ReplicaSet", "web-1"));

        builder.kubernetesChange("cluster", whole(Kind.KNOWN, "ReplicaSet", "web-1", 90, owned("Deployment", "web")));
        assertThat(workload("web-1-x").owner()).isEqualTo(new Owner("Deployment", "web"));

        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "dump-7-y", 102, owned("Job", "dump-7")));
        builder.kubernetesChange("cluster", whole(Kind.KNOWN, "Job", "dump-7", 91, owned("CronJob", "dump")));
        assertThat(workload("dump-7-y").owner()).isEqualTo(new Owner("CronJob", "dump"));
    }

    @Test
    void shouldSurviveOwnersInACircle() {
        builder.kubernetesChange("cluster", whole(Kind.KNOWN, "A", "x", 90, owned("B", "y")));
        builder.kubernetesChange("cluster", whole(Kind.KNOWN, "B", "y", 90, owned("A", "x")));

        assertThat(workload("x").owner()).isNotNull();
    }

    @Test
    void shouldEndWhatAWholeCheckpointDoesNotName() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "b", 102, pod("b", "10.1.0.8", 100)));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "ReplicaSet", "r", 103, owned("Deployment", "web")));
        builder.kubernetesChange("n1", checkpoint(CheckpointPart.BEGIN, "Pod", 200, 1));
        builder.kubernetesChange("n1", whole(Kind.KNOWN, "Pod", "b", 200, pod("b", "10.1.0.8", 100)));
        builder.kubernetesChange("n1", checkpoint(CheckpointPart.END, "Pod", 200, 1));

        assertThat(holder(199)).isEqualTo("shop/a");
        assertThat(holder(200)).isNull();
        assertThat(holder("10.1.0.8", 300)).isEqualTo("shop/b");
        assertThat(workload("r").valid().toNs()).as("of another kind").isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void shouldEndNothingByACheckpointThatIsNotWhole() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n1", checkpoint(CheckpointPart.BEGIN, "Pod", 200, 2));
        builder.kubernetesChange("n1", whole(Kind.KNOWN, "Pod", "b", 200, pod("b", "10.1.0.8", 100)));
        assertThat(holder(300)).as("no end").isEqualTo("shop/a");

        builder.kubernetesChange("n1", checkpoint(CheckpointPart.END, "Pod", 200, 2));
        assertThat(holder(300)).as("an entry is missing").isEqualTo("shop/a");
    }

    @Test
    void shouldEndOnlyWhatTheSameRecorderTold() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n2", checkpoint(CheckpointPart.BEGIN, "Pod", 200, 0));
        builder.kubernetesChange("n2", checkpoint(CheckpointPart.END, "Pod", 200, 0));

        assertThat(holder(300)).isEqualTo("shop/a");
    }

    @Test
    void shouldTakeAnObjectUpAgainAfterALostWatch() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        builder.kubernetesChange("n1", checkpoint(CheckpointPart.BEGIN, "Pod", 200, 0));
        builder.kubernetesChange("n1", checkpoint(CheckpointPart.END, "Pod", 200, 0));
        builder.kubernetesChange("n1", whole(Kind.MODIFIED, "Pod", "a", 400, pod("a", IP, 100)));

        assertThat(holder(150)).isEqualTo("shop/a");
        assertThat(holder(500)).isEqualTo("shop/a");
    }

    @Test
    void shouldSplitByLabels() {
        builder.kubernetesChange(
                "n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100, Map.of("v", "1", "w", "x"))));
        Map<String, Object> labels = new HashMap<>(Map.of("v", "2"));
        labels.put("w", null);
        builder.kubernetesChange("n1", patched("Pod", "a", 150, Map.of("metadata", Map.of("labels", labels))));

        assertThat(builder.build().workloads())
                .extracting(Holder::labels, Holder::valid)
                .containsExactly(
                        tuple(Map.of("v", "1", "w", "x"), window(100, 150)), tuple(Map.of("v", "2"), from(150)));
        assertThat(builder.build().addresses())
                .extracting(AddressInterval::holder)
                .extracting(Holder::labels)
                .containsExactly(Map.of("v", "1", "w", "x"), Map.of("v", "2"));
    }

    @Test
    void shouldPassOverAPatchOfWhatIsNotKnown() {
        builder.kubernetesChange("n1", patched("Pod", "a", 150, Map.of("status", Map.of("podIP", IP))));
        assertThat(builder.build().isEmpty()).isTrue();

        builder.kubernetesChange("n1", whole(Kind.KNOWN, "Pod", "a", 200, pod("a", IP, 100)));
        assertThat(holder(120)).isEqualTo("shop/a");
    }

    @Test
    void shouldKnowFromItsDeletionThatAPodWasThere() {
        builder.kubernetesChange("n1", whole(Kind.DELETED, "Pod", "a", 200, pod("a", IP, 100)));
        builder.kubernetesChange("n2", whole(Kind.ADDED, "Pod", "b", 160, pod("b", IP, 150)));

        assertThat(holder(100)).isEqualTo("shop/a");
        assertThat(holder(170)).as("who was heard to have it later is not displaced").isEqualTo("shop/b");
        assertThat(holder(250)).isEqualTo("shop/b");
    }

    @Test
    void shouldTakeTheServersTimeWhereItCanBeThatOfTheChange() {
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "a", 101, pod("a", IP, 100)));
        Map<String, Object> failed = Map.of("status", Map.of("phase", "Failed"));
        builder.kubernetesChange("n1", KubernetesChanges.at(140, patched("Pod", "a", 150, failed)));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "b", 201, pod("b", "10.1.0.8", 200)));
        builder.kubernetesChange("n1", KubernetesChanges.at(200, patched("Pod", "b", 250, failed)));
        builder.kubernetesChange("n1", whole(Kind.ADDED, "Pod", "c", 301, pod("c", "10.1.0.9", 300)));
        builder.kubernetesChange("n1", KubernetesChanges.at(310, deleted("Pod", "c", 350)));

        assertThat(holder(139)).isEqualTo("shop/a");
        assertThat(holder(140)).isNull();
        assertThat(holder("10.1.0.8", 249)).as("before what was heard already").isEqualTo("shop/b");
        assertThat(holder("10.1.0.9", 349)).as("asked to end, not ended").isEqualTo("shop/c");
        assertThat(holder("10.1.0.9", 350)).isNull();
    }

    @Test
    void shouldCountWhatIsBeyondItsBounds() {
        ResolutionBuilder small = new ResolutionBuilder(new ResolutionLimits(3, 2, 1, 1));
        IntStream.range(0, 5)
                .forEach(i ->
                        small.kubernetesChange(
                                "n1", whole(Kind.ADDED, "Pod", "p" + i, 101, pod("p" + i, "10.1.0." + i, 100))));
        Map<String, String> labels = new HashMap<>();
        IntStream.range(0, ObjectFields.MAX_ENTRIES + 4).forEach(i -> labels.put("l" + i, "v"));
        small.kubernetesChange("n1", whole(Kind.MODIFIED, "Pod", "p0", 102, pod("p0", "10.1.0.0", 100, labels)));

        Resolution resolution = small.build();
        assertThat(resolution.workloads()).hasSize(3);
        assertThat(resolution.addresses()).hasSize(2);
        assertThat(resolution.omitted())
                .containsEntry("workloads", 3L)
                .containsEntry("addresses", 1L)
                .containsEntry("fields", 4L);
    }

    @Test
    void shouldTakeNoHarmFromObjectsThatAreNone() {
        builder.kubernetesChange(
                "n1",
                whole(
                        Kind.ADDED,
                        "Pod",
                        "a",
                        101,
                        Map.of("metadata", List.of(1), "spec", "x", "status", Map.of("podIP", 7, "podIPs", Map.of()))));
        builder.kubernetesChange(
                "n1",
                whole(
                        Kind.ADDED,
                        "Pod",
                        "b",
                        101,
                        Map.of(
                                "metadata",
                                Map.of("creationTimestamp", "yesterday", "labels", Map.of("a", List.of())),
                                "status",
                                Map.of("podIP", "localhost", "startTime", "+99999-01-01T00:00:00Z"))));

        assertThat(builder.build().addresses()).isEmpty();
        assertThat(workload("b").valid()).isEqualTo(from(101));
    }

    private @Nullable String holder(long second) {
        return holder(IP, second);
    }

    private @Nullable String holder(String address, long second) {
        return builder.build()
                .holder(InetAddress.ofLiteral(address), second * 1_000_000_000L)
                .map(Holder::qualifiedName)
                .orElse(null);
    }

    private Holder workload(String name) {
        return builder.build().workloads().stream()
                .filter(holder -> holder.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Object> node(String address) {
        return Map.of(
                "status",
                Map.of(
                        "addresses",
                        List.of(
                                Map.of("type", "InternalIP", "address", address),
                                Map.of("type", "Hostname", "address", "n1"))));
    }

    private static TimeWindow window(long fromS, long toS) {
        return new TimeWindow(fromS * 1_000_000_000L, toS * 1_000_000_000L);
    }

    private static TimeWindow from(long second) {
        return new TimeWindow(second * 1_000_000_000L, Long.MAX_VALUE);
    }
}
