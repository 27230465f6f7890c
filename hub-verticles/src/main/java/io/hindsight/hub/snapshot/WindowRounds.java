package io.hindsight.hub.snapshot;

import io.hindsight.bus.PlanRound;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.nodes.NodeRegistry;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rounds in which one node's part of a window is taken that is still being recorded, and how long it rests between them. After a round it is at rest for {@link #MAX_REST}; where the
 * node's rings turn over fast, for an eighth of the time that they hold, and never less than {@link #MIN_REST}. So what came since the last round has not been recycled when the next one
 * plans, and a node that records little is asked seldom. The session's context only.
 */
final class WindowRounds {
    static final Duration MAX_REST = Duration.ofSeconds(5);
    static final Duration MIN_REST = Duration.ofMillis(250);
    private static final int ROUNDS_PER_RETENTION = 8;

    /** The rings may fill faster at any moment. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final NodeRegistry nodes;
    private final NodeId node;
    private final SessionWindow window;
    private final LongSupplier nanoClock;
    private final int firstNumber;
    private long restingSinceNs;
    private @Nullable PlanRound round;

    /** {@code firstNumber} is none that an earlier Hub gave to a round of the session. */
    WindowRounds(NodeRegistry nodes, NodeId node, SessionWindow window, LongSupplier nanoClock, int firstNumber) {
        this.nodes = nodes;
        this.node = node;
        this.window = window;
        this.nanoClock = nanoClock;
        this.firstNumber = firstNumber;
        this.restingSinceNs = nanoClock.getAsLong();
    }

    /** The next one begins, the last one if the window is over; a window that is over when its session begins has none. */
    void next() {
        if (window.isTakenInRounds()) {
            round = new PlanRound(round == null ? firstNumber : round.number() + 1, window.isOver());
        }
    }

    /** The present one, to be asked for as often as need be; null where the window is planned once. */
    @Nullable PlanRound present() {
        return round;
    }

    /** Whether another comes after the present one. */
    boolean isAnotherToCome() {
        return round != null && !round.last();
    }

    /** The present one has ended. */
    void rest() {
        restingSinceNs = nanoClock.getAsLong();
    }

    boolean isRested() {
        return window.isOver() || restLeft().isZero();
    }

    /** Until it should be looked again whether it is rested; at least a millisecond. */
    Duration untilLook() {
        Duration look = min(min(restLeft(), LOOK_EVERY), window.left());
        return look.plusMillis(1);
    }

    private Duration restLeft() {
        long restedNs = nanoClock.getAsLong() - restingSinceNs;
        return Duration.ofNanos(Math.max(0, restTime().toNanos() - restedNs));
    }

    private Duration restTime() {
        Duration share = nodes.projectedRetention(node).orElse(Duration.ofDays(1)).dividedBy(ROUNDS_PER_RETENTION);
        return share.compareTo(MIN_REST) < 0 ? MIN_REST : min(share, MAX_REST);
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
