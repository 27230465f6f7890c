package io.hindsight.hub.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.chunk.NodeId;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LaneTokensTest {
    private static final LaneOrder ORDER = new LaneOrder("snapshot-1", new NodeId("node-a"), "somewhere", 1 << 20);

    private long nowNs;
    private final LaneTokens tokens = new LaneTokens(() -> nowNs);

    private void pass(double lifetimes) {
        nowNs += (long) (LaneTokens.LIFETIME.toNanos() * lifetimes);
    }

    @Test
    void shouldOpenOneLaneOnce() {
        String token = tokens.issue(ORDER);
        assertThat(tokens.redeem(token)).contains(ORDER);
        assertThat(tokens.redeem(token)).isEmpty();
        assertThat(tokens.refusal(token)).isEqualTo(LaneRefusal.USED_TOKEN);
    }

    @Test
    void shouldIssueTokensThatCannotBeGuessed() {
        Set<String> issued = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            assertThat(tokens.issue(ORDER)).matches("[A-Za-z0-9_-]{43}").satisfies(issued::add);
        }
        assertThat(issued).hasSize(1_000);
        assertThat(tokens.redeem("")).isEmpty();
        assertThat(tokens.refusal("")).isEqualTo(LaneRefusal.UNKNOWN_TOKEN);
    }

    @Test
    void shouldNotOpenAfterItsTime() {
        String token = tokens.issue(ORDER);
        pass(1.01);
        assertThat(tokens.redeem(token)).isEmpty();
        assertThat(tokens.refusal(token)).isEqualTo(LaneRefusal.EXPIRED_TOKEN);
        pass(1);
        assertThat(tokens.redeem(token)).isEmpty();
        assertThat(tokens.refusal(token)).as("nobody remembers").isEqualTo(LaneRefusal.UNKNOWN_TOKEN);
    }

    @Test
    void shouldNotOpenWhatWasTakenBack() {
        String token = tokens.issue(ORDER);
        tokens.revoke(token);
        assertThat(tokens.redeem(token)).isEmpty();
        tokens.revoke("never issued");
    }

    @Test
    void shouldCloseTheLaneOfATokenThatIsTakenBack() {
        AtomicInteger closed = new AtomicInteger();
        String token = tokens.issue(ORDER);
        tokens.redeem(token);
        assertThat(tokens.opened(token, closed::incrementAndGet)).isTrue();
        pass(100);
        tokens.issue(ORDER);
        tokens.revoke(token);
        tokens.revoke(token);
        assertThat(closed).as("however long it was open").hasValue(1);
    }

    @Test
    void shouldNotLetALaneStayWhoseTokenWasTakenBackMeanwhile() {
        AtomicInteger closed = new AtomicInteger();
        String token = tokens.issue(ORDER);
        tokens.redeem(token);
        tokens.revoke(token);
        assertThat(tokens.opened(token, closed::incrementAndGet)).isFalse();
    }

    @Test
    void shouldForgetALaneThatHasClosed() {
        AtomicInteger closed = new AtomicInteger();
        String token = tokens.issue(ORDER);
        tokens.redeem(token);
        tokens.opened(token, closed::incrementAndGet);
        tokens.closed(token);
        tokens.revoke(token);
        assertThat(closed).hasValue(0);
    }
}
