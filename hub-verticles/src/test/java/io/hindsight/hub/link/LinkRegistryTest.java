package io.hindsight.hub.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LinkRegistryTest {
    private static final NodeId NODE = new NodeId("n1");

    private final LinkRegistry registry = new LinkRegistry(Clock.systemUTC(), Duration.ofMillis(300));
    private final List<String> told = new CopyOnWriteArrayList<>();

    @BeforeEach
    void listen() {
        registry.listen(
                new LinkRegistry.Listener() {
                    @Override
                    public void lost(NodeId node) {
                        told.add("lost " + node);
                    }

                    @Override
                    public void conflict(NodeId node) {
                        told.add("conflict " + node);
                    }
                });
    }

    private Link claim(String instance) {
        return registry.claim(new LinkIdentity(NODE, instance, "1.0.0"), "10.0.0." + instance.length());
    }

    private static void assertConflict(ThrowingCallable claim, String... words) {
        assertThatThrownBy(claim)
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> {
                            assertThat(refused.code()).isEqualTo(ErrorCode.NODE_CONFLICT);
                            assertThat(List.of(words)).allMatch(String.valueOf(refused.getMessage())::contains);
                        });
    }

    @Test
    void shouldKeepANameForTheInstanceThatLives() {
        Link first = claim("a");

        assertConflict(() -> claim("b"), "node=n1", "instance=a from=10.0.0.1 since=");
        assertConflict(() -> claim("b"));

        assertThat(registry.link(NODE)).contains(first);
        assertThat(registry.conflict(NODE).orElse("")).contains("instance=b", "attempts=2");
        assertThat(told).containsExactly("conflict n1", "conflict n1");
    }

    @Test
    void shouldGiveANameOnWhenItsHolderIsSilent() {
        Link first = claim("a");
        List<String> closed = new CopyOnWriteArrayList<>();
        first.onTakenOver(() -> closed.add("a"));

        Link second = await().atMost(Duration.ofSeconds(5)).ignoreExceptions().until(() -> claim("b"), link -> true);

        assertThat(registry.link(NODE)).contains(second);
        assertThat(closed).containsExactly("a");
        registry.closed(first);
        assertThat(told).doesNotContain("lost n1");
    }

    @Test
    void shouldGiveANameOnAtOnceWhenItsLinkHasClosed() {
        registry.closed(claim("a"));

        claim("b");

        assertThat(told).containsExactly("lost n1");
        assertThat(registry.conflict(NODE)).isEmpty();
    }

    @Test
    void shouldLetAnInstanceTakeItsOwnOver() {
        Link old = claim("a");
        List<String> closed = new CopyOnWriteArrayList<>();
        old.onTakenOver(() -> closed.add("old"));

        Link again = claim("a");
        registry.closed(old);

        assertThat(closed).containsExactly("old");
        assertThat(registry.link(NODE)).contains(again);
        assertThat(told).isEmpty();
    }

    @Test
    void shouldRefuseALinkUnderTheNameOfTheAgentInThisProcess() {
        registry.heartbeat(NODE, "embedded");

        assertConflict(() -> claim("b"), "instance=embedded in the Hub's own process");
    }

    @Test
    void shouldRefuseAnAgentInThisProcessUnderTheNameOfALink() {
        Link link = claim("a");

        registry.heartbeat(NODE, "a");
        assertConflict(() -> registry.heartbeat(NODE, "embedded"), "instance=a");

        assertThat(registry.conflict(NODE).orElse("")).contains("instance=embedded", "the Hub's own process");
        assertThat(registry.link(NODE)).contains(link);
    }

    @Test
    void shouldNotTakeALateHeartbeatOfALinkForAnAgentInThisProcess() {
        registry.closed(claim("a"));

        registry.heartbeat(NODE, "a");

        claim("b");
        assertThat(registry.conflict(NODE)).isEmpty();
    }

    @Test
    void shouldLetAnAgentInThisProcessRestart() {
        registry.heartbeat(NODE, "one");
        registry.heartbeat(NODE, "two");

        assertThat(told).isEmpty();
    }
}
