package io.hindsight.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.hub.testing.KubernetesChanges;
import io.hindsight.hub.testing.OsEvents;
import io.hindsight.testing.Mutations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code -Dhindsight.fuzz.seconds=N}, two unless set; a failure names its seed. */
class ResolutionFileTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("hindsight.fuzz.seconds", 2));

    private static ResolutionData data() {
        ResolutionBuilder builder = new ResolutionBuilder();
        for (int i = 0; i < 20; i++) {
            String pod = "p" + i;
            builder.kubernetesChange(
                    "n" + i % 3,
                    KubernetesChanges.whole(
                            KubernetesChange.Kind.ADDED,
                            "Pod",
                            pod,
                            100 + i,
                            KubernetesChanges.pod(pod, "10.1.0." + i / 2, 100 + i)));
            builder.osEvent(
                    "n" + i % 3,
                    OsEvents.program(OsEvent.Kind.EXEC, 100 + i, OsEvents.process(i, 1, "curl"), "curl", "\"\n"));
            builder.osEvent(
                    "n" + i % 3,
                    OsEvents.event(
                            OsEvent.Kind.CONNECT,
                            100 + i,
                            OsEvents.process(i, 1, "curl"),
                            OsEvents.socket("fd00::1/" + (4000 + i), "10.0.0.1:80", "ESTABLISHED", 7L),
                            OsEvents.container(pod)));
        }
        builder.kubernetesChange("n0", KubernetesChanges.deleted("Pod", "p0", 150));
        builder.kubernetesChange(
                "cluster",
                KubernetesChanges.whole(
                        KubernetesChange.Kind.KNOWN,
                        "ReplicaSet",
                        "r",
                        90,
                        KubernetesChanges.owned("Deployment", "d")));
        builder.osEvent("n0", OsEvents.checkpoint(CheckpointPart.BEGIN, 200, 0));
        builder.osEvent("n0", OsEvents.checkpoint(CheckpointPart.END, 200, 0));
        builder.unusable();
        return builder.data();
    }

    private static byte[] written(ResolutionData data, long limit) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ResolutionFileWriter.write(data, out, limit);
        return out.toByteArray();
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        ResolutionData data = data();

        Resolution read = ResolutionFile.read(written(data, 64 << 20));

        assertThat(read)
                .isInstanceOfSatisfying(ResolutionIndex.class, index -> assertThat(index.data()).isEqualTo(data));
        assertThat(data.workloads()).hasSize(21);
        assertThat(data.sockets()).hasSize(20);
        assertThat(data.omitted()).containsOnly(Map.entry("records", 1L));
    }

    @Test
    void shouldLeaveOutAndCountWhatDoesNotFit() throws IOException {
        ResolutionData data = data();
        byte[] whole = written(data, 64 << 20);
        for (int limit = 2_000; limit < 2 * whole.length; limit += 500) {
            byte[] bytes = written(data, limit);
            assertThat(bytes.length).isLessThanOrEqualTo(limit + 1_000);
            Resolution read = ResolutionFile.read(bytes);
            assertThat(read.workloads()).hasSizeLessThanOrEqualTo(21);
            assertThat(read.workloads().size() + read.omitted().getOrDefault("workloads", 0L)).isEqualTo(21);
            assertThat(read.addresses().size() + read.omitted().getOrDefault("addresses", 0L))
                    .isEqualTo(data.addresses().size());
            ResolutionData readData = ((ResolutionIndex) read).data();
            assertThat(readData.sockets().size() + read.omitted().getOrDefault("sockets", 0L)).isEqualTo(20);
        }
    }

    @Test
    void shouldPassOverFieldsThatItDoesNotKnow() {
        Resolution read =
                ResolutionFile.read(
                        bytes(
                                """
                                {"formatVersion":1,"later":{"a":[1,{"b":null}]},
                                 "addresses":[{"address":"10.0.0.1","workload":0,"hint":[[]],"toNs":5}],
                                 "workloads":[{"type":"Pod","name":"a","tint":"blue"}]}
                                """));

        assertThat(read.holder(InetAddress.ofLiteral("10.0.0.1"), 4)).isPresent();
        assertThat(read.holder(InetAddress.ofLiteral("10.0.0.1"), 5)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}",
                "{\"formatVersion\":2}",
                "{\"formatVersion\":1}{}",
                "{\"formatVersion\":1,\"workloads\":{}}",
                "{\"formatVersion\":1,\"workloads\":[{\"name\":\"a\"}]}",
                "{\"formatVersion\":1,\"workloads\":[{\"type\":\"Pod\",\"name\":null}]}",
                "{\"formatVersion\":1,\"workloads\":[{\"type\":\"Pod\",\"name\":\"a\",\"fromNs\":2,\"toNs\":1}]}",
                "{\"formatVersion\":1,\"workloads\":[{\"type\":\"Pod\",\"name\":\"a\",\"fromNs\":99999999999999999999}]}",
                "{\"formatVersion\":1,\"addresses\":[{\"address\":\"10.0.0.1\",\"workload\":0}]}",
                "{\"formatVersion\":1,\"addresses\":[{\"address\":\"localhost\",\"workload\":0}]}",
                "{\"formatVersion\":1,\"sockets\":[{\"process\":0,\"local\":\"::1\",\"remote\":\"::1\"}]}",
                "{\"formatVersion\":1,\"sockets\":[{\"process\":-1}]}",
                "{\"formatVersion\":1,\"omitted\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1}}"
            })
    void shouldRefuseWhatIsNone(String json) {
        assertThatThrownBy(() -> ResolutionFile.read(bytes(json)))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED));
    }

    @Test
    void shouldRefuseMoreThanItsBounds() {
        String row = "{\"type\":\"Pod\",\"name\":\"a\"},";
        String many = "{\"formatVersion\":1,\"workloads\":[" + row.repeat(ResolutionLimits.MAX_WORKLOADS) + row;
        assertThatThrownBy(() -> ResolutionFile.read(bytes(many))).hasMessageContaining("more than 100000");

        StringBuilder labels = new StringBuilder("{\"formatVersion\":1,\"workloads\":[{\"type\":\"P\",\"labels\":{");
        for (int i = 0; i < 1_000; i++) {
            labels.append("\"l").append(i).append("\":\"\",");
        }
        assertThatThrownBy(() -> ResolutionFile.read(bytes(labels.toString()))).hasMessageContaining("more than 128");
        assertThatThrownBy(() -> ResolutionFile.read(bytes("{\"a\":" + "[".repeat(1_000_000))))
                .isInstanceOf(HindsightException.class);
    }

    @Test
    void shouldReadOrRefuseWhateverItIsGiven() throws IOException {
        byte[] sound = written(data(), 64 << 20);
        long end = System.nanoTime() + DURATION.toNanos();
        int refused = 0;
        for (long seed = 1; System.nanoTime() < end; seed++) {
            try {
                Resolution read = ResolutionFile.read(Mutations.mutate(sound, new SplittableRandom(seed)));
                read.holder(InetAddress.ofLiteral("10.1.0.1"), 103_000_000_000L);
            } catch (HindsightException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(refused).isPositive();
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
