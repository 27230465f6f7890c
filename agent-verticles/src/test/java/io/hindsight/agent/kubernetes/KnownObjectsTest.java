package io.hindsight.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.kubernetes.KnownObjects.Room;
import io.hindsight.bus.KnownObjectsAnswer;
import io.hindsight.bus.KnownObjectsAnswer.KnownObject;
import io.hindsight.bus.KnownObjectsRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownObjectsTest {
    private static final long HOUR_NS = KnownObjects.MAX_ENDED_AGE.toNanos();

    private final KnownObjects known = new KnownObjects();
    private final ObjectPacker packer = new ObjectPacker();

    @AfterEach
    void close() {
        packer.close();
    }

    private ObjectState state(String name, long fromNs, int labelLength) {
        Map<String, Object> object =
                Map.of("metadata", Map.of("name", name, "labels", Map.of("text", "x".repeat(labelLength))));
        byte[] json = ObjectPacker.json(object);
        StateKey key = new StateKey(ResourceKind.POD, "shop", name, "uid-" + name, fromNs);
        return new ObjectState(key, "1", packer.pack(json), false, json.length, null);
    }

    private List<KnownObject> walk(int limit) {
        List<KnownObject> all = new ArrayList<>();
        String after = null;
        do {
            KnownObjectsAnswer page = known.page(new KnownObjectsRequest(after, limit));
            assertThat(JsonMapping.toJson(page).encode().length()).isLessThan(256 << 10);
            assertThat(page.left() == 0).isEqualTo(page.next() == null);
            all.addAll(page.objects());
            after = page.next();
        } while (after != null);
        return all;
    }

    @Test
    void shouldTellAllInPagesOfBoundedLengthOnce() {
        for (int i = 0; i < 300; i++) {
            known.put(state("pod-" + i, 1, 2_000));
        }

        assertThat(walk(500).stream().map(KnownObject::name).distinct()).hasSize(300);
        assertThat(walk(7)).hasSize(300);
        KnownObjectsAnswer first = known.page(new KnownObjectsRequest(null, 7));
        assertThat(first.objects()).hasSize(7);
        assertThat(first.left()).isEqualTo(293);
    }

    @Test
    void shouldRememberForAnHourWhatEnded() {
        ObjectState before = state("cart", 1, 10);
        known.put(before);
        known.end(before, before.packed(), 1_000);
        known.put(state("cart", 1_000, 20));

        assertThat(walk(10).stream().map(one -> one.fromNs() + "-" + one.toNs()))
                .containsExactly("1-1000", "1000-null");
        ObjectState present = Objects.requireNonNull(known.current(ResourceKind.POD, "shop", "cart"));
        assertThat(present.key().fromNs()).isEqualTo(1_000);
        known.forgetEnded(1_000 + HOUR_NS);
        assertThat(walk(10)).hasSize(2);
        known.forgetEnded(1_001 + HOUR_NS);
        assertThat(walk(10).stream().map(KnownObject::fromNs)).containsExactly(1_000L);
    }

    @Test
    void shouldBoundWhatEnded() {
        for (int i = 0; i < KnownObjects.MAX_ENDED + 10; i++) {
            ObjectState state = state("pod-" + i, 1, 1);
            known.put(state);
            known.end(state, state.packed(), 1_000 + i);
        }

        assertThat(walk(500)).hasSize(KnownObjects.MAX_ENDED);
        assertThat(walk(500).stream().mapToLong(KnownObject::toNs).min()).hasValue(1_010);
        assertThat(known.currentCount()).isZero();
    }

    @Test
    void shouldKeepLessOfEachWhereMemoryIsShortAndTellWhatFoundNoRoom() {
        int large = KnownObjects.MAX_WHOLE_BYTES / 4;
        for (int i = 0; i < 4; i++) {
            assertThat(known.room()).isEqualTo(Room.WHOLE);
            known.put(of(i, new byte[large]));
        }
        assertThat(known.room()).isEqualTo(Room.SLIM);
        known.put(of(4, new byte[large]));
        known.put(of(5, new byte[large]));
        assertThat(known.room()).isEqualTo(Room.NONE);
        known.tell(true, null);
        known.forgot();
        assertThat(known.forgotten()).isEqualTo(1);
        known.remove(of(5, new byte[large]));
        assertThat(known.room()).isEqualTo(Room.SLIM);
    }

    private static ObjectState of(int number, byte[] packed) {
        StateKey key = new StateKey(ResourceKind.POD, "shop", "pod-" + number, "u", 1);
        return new ObjectState(key, "1", packed, false, 100, null);
    }

    @Test
    void shouldRefuseWhatIsNoPage() {
        assertRefused(new KnownObjectsRequest(null, 0), "limit");
        assertRefused(new KnownObjectsRequest(null, 501), "limit");
        assertRefused(new KnownObjectsRequest("x", 1), "after");
        assertRefused(new KnownObjectsRequest("POD/a/b/c/d", 1), "after");
    }

    private void assertRefused(KnownObjectsRequest request, String field) {
        assertThatThrownBy(() -> known.page(request))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
                            assertThat(e.field()).isEqualTo(field);
                        });
    }
}
