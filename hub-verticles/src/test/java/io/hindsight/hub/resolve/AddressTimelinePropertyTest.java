package io.hindsight.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.event.KubernetesChange;
import io.hindsight.event.KubernetesChange.Kind;
import io.hindsight.hub.resolve.Resolution.Holder;
import io.hindsight.hub.testing.KubernetesChanges;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Pods come, take addresses of a few, change their labels and go, on several nodes; what the index answers is what the rule, asked for one moment, answers. */
class AddressTimelinePropertyTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int LAST = 120;

    /** As the rule sees it; labels change while it has the address. */
    private record Pod(String name, String address, int startS, int heardS, int endS) {}

    @Property(tries = 150)
    void shouldAnswerAsTheRuleDoesAtEveryMoment(@ForAll long seed) {
        Random random = new Random(seed);
        List<Pod> pods = pods(random);
        ResolutionBuilder builder = new ResolutionBuilder();
        for (int node : shuffled(random, 3)) {
            record(builder, pods, node, random);
        }
        Resolution resolution = builder.build();

        for (int second = 0; second < LAST; second++) {
            for (int address = 0; address < 3; address++) {
                String ip = "10.0.0." + address;
                Optional<Holder> holder = resolution.holder(InetAddress.ofLiteral(ip), second * SECOND_NS);
                Pod expected = naive(pods, ip, second);
                assertThat(holder.map(Holder::name).orElse(null))
                        .as("%s at %d of %s", ip, second, pods)
                        .isEqualTo(expected == null ? null : expected.name());
            }
        }
    }

    /** Who was last heard to have it, while it lasts; then whoever is heard next to have it, from its start on. */
    private static @Nullable Pod naive(List<Pod> pods, String ip, int second) {
        List<Pod> ofAddress =
                pods.stream()
                        .filter(pod -> pod.address().equals(ip))
                        .sorted(Comparator.comparingInt(Pod::heardS))
                        .toList();
        Pod last = null;
        for (Pod pod : ofAddress) {
            if (pod.heardS() > second) {
                boolean isOver = last == null || last.endS() <= second;
                return isOver ? (pod.startS() <= second ? pod : null) : last;
            }
            last = pod;
        }
        return last != null && last.endS() > second ? last : null;
    }

    /** No two are heard of in the same second. */
    private static List<Pod> pods(Random random) {
        List<Integer> heard = shuffled(random, 100);
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < random.nextInt(1, 12); i++) {
            int heardS = heard.get(i) + 2;
            int startS = Math.max(0, heardS - random.nextInt(20));
            int endS = random.nextInt(4) == 0 ? Integer.MAX_VALUE : heardS + 1 + random.nextInt(40);
            pods.add(new Pod("p" + i, "10.0.0." + random.nextInt(3), startS, heardS, endS));
        }
        return pods;
    }

    /** What the agent of one node records: each third pod. */
    private static void record(ResolutionBuilder builder, List<Pod> pods, int node, Random random) {
        record Change(int second, KubernetesChange change) {}
        List<Change> changes = new ArrayList<>();
        for (int i = node; i < pods.size(); i += 3) {
            Pod pod = pods.get(i);
            Map<String, Object> object = KubernetesChanges.pod(pod.name(), pod.address(), pod.startS());
            changes.add(
                    new Change(
                            pod.heardS(),
                            KubernetesChanges.whole(Kind.ADDED, "Pod", pod.name(), pod.heardS(), object)));
            for (int labelled = pod.heardS() + 1;
                    labelled < Math.min(pod.endS(), LAST);
                    labelled += 1 + random.nextInt(30)) {
                changes.add(
                        new Change(
                                labelled,
                                KubernetesChanges.patched(
                                        "Pod",
                                        pod.name(),
                                        labelled,
                                        Map.of("metadata", Map.of("labels", Map.of("v", "" + labelled))))));
            }
            if (pod.endS() < Integer.MAX_VALUE) {
                changes.add(new Change(pod.endS(), KubernetesChanges.deleted("Pod", pod.name(), pod.endS())));
            }
        }
        changes.sort(Comparator.comparingInt(Change::second));
        changes.forEach(change -> builder.kubernetesChange("n" + node, change.change()));
    }

    private static List<Integer> shuffled(Random random, int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(i);
        }
        Collections.shuffle(numbers, random);
        return numbers;
    }
}
