package io.hindsight.hub.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.Mutations;
import io.hindsight.time.TimeWindow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelineCodecTest {
    private static final TimeWindow WINDOW = new TimeWindow(5_000, 105_000);
    private static final int MUTATIONS = 3_000;

    private static byte[] written(TimelineData data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TimelineCodec.write(data, out);
        return out.toByteArray();
    }

    private static TimelineData some() {
        EventKinds kinds = new EventKinds();
        Map<String, NodeBuckets> nodes = new LinkedHashMap<>();
        for (String node : new String[] {"node-1", "node-2", "silent"}) {
            NodeBuckets buckets = new NodeBuckets(WINDOW, 1_000);
            for (int bucket = 0; bucket < 20 && !node.equals("silent"); bucket++) {
                BucketCounts counts = buckets.nextTo(5_000 + bucket * 3_000);
                counts.packets(bucket, 100L * bucket, 200L * bucket);
                counts.drop(bucket % 4, bucket);
                counts.event(kinds.number("os.EXEC"), 1);
                counts.event(kinds.number("kind-" + bucket), 1L << 40);
            }
            nodes.put(node, buckets);
        }
        return new TimelineData(1_000, kinds, nodes);
    }

    @Test
    void shouldReadWhatItWrote() throws IOException {
        byte[] file = written(some());

        TimelineData read = TimelineCodec.read(file, WINDOW);

        assertThat(written(read)).isEqualTo(file);
        assertThat(read.nodes()).containsOnlyKeys("node-1", "node-2", "silent");
        assertThat(read.bucketCount()).isEqualTo(40);
    }

    @Test
    void shouldReadOrRefuseWhateverTheFileHolds() throws IOException {
        byte[] sound = written(some());
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] mutated = Mutations.mutate(sound, new SplittableRandom(seed));
            try {
                assertThat(TimelineCodec.read(mutated, WINDOW).bucketNs()).isPositive();
            } catch (HindsightException refused) {
                assertThat(refused.code()).as("seed=%d", seed).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"formatVersion\":2,\"bucketNs\":1000}",
                "{\"bucketNs\":0}",
                "{\"bucketNs\":-5}",
                "{\"bucketNs\":1e300}",
                "{\"nodes\":[],\"bucketNs\":1000}",
                "{\"bucketNs\":1000,\"kinds\":[\"a\",\"a\"]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\",\"buckets\":[[4,1,1,1,0,0,0,0]]}]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\",\"buckets\":[[105,1,1,1,0,0,0,0]]}]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\",\"buckets\":[[6,1,1,1,0,0,0,0],[6,1,1,1,0,0,0,0]]}]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\",\"buckets\":[[6,-1,1,1,0,0,0,0]]}]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\",\"buckets\":[[6,1,1,1,0,0,0,0,0,1]]}]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\",\"buckets\":[[6,1,1]]}]}",
                "{\"bucketNs\":1000,\"nodes\":[{\"node\":\"n\"},{\"node\":\"n\"}]}",
                "{\"bucketNs\":1000,\"nodes\":[7]}"
            })
    void shouldRefuseWhatNoTimelineIs(String file) {
        assertThatThrownBy(() -> TimelineCodec.read(file.getBytes(StandardCharsets.UTF_8), WINDOW))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED));
    }

    @Test
    void shouldTellSoManyKindsApart() {
        EventKinds kinds = new EventKinds();
        for (int kind = 0; kind < 1_000; kind++) {
            kinds.number("kind-" + kind);
        }
        assertThat(kinds.names()).hasSize(EventKinds.MAX_KINDS).last().isEqualTo(EventKinds.OTHERS);
        assertThat(kinds.number("kind-62")).isEqualTo(62);
        assertThat(kinds.number("kind-63")).isEqualTo(EventKinds.MAX_KINDS - 1);
    }
}
