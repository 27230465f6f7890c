package io.hindsight.agent.link;

import io.hindsight.agent.link.ClockEstimate.Reading;
import io.hindsight.api.ClockOffset;
import io.hindsight.bridge.BridgeClient;
import io.hindsight.bridge.BridgeFrame;
import io.hindsight.bridge.HubWords;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.HeartbeatAnswer;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries the agent's status to the Hub, and learns from the answers how far the clocks are apart. Only the newest status waits; of
 * heartbeats that were sent and not answered the last {@value #MAX_UNANSWERED} are remembered. Belongs to the link's context.
 */
final class Heartbeats {
    private static final int MAX_UNANSWERED = 8;
    private static final String ANSWER_PREFIX = "heartbeat-";
    private static final String CLOCK = "clock";

    private final Clock clock;
    private final Consumer<String> refused;
    private final ClockEstimate estimate = new ClockEstimate();
    private final Map<String, Reading> unanswered = new LinkedHashMap<>();
    private @Nullable JsonObject newest;
    private long sent;
    private long unansweredSinceNs;

    /** {@code refused} takes the words of a Hub that did not take a heartbeat. */
    Heartbeats(Clock clock, Consumer<String> refused) {
        this.clock = clock;
        this.refused = refused;
    }

    /** Takes a status, in place of one that still waits. */
    void offer(JsonObject status) {
        newest = status;
    }

    /** Sends the status that waits, if any, and if the link takes it at once. */
    void flush(BridgeClient link) {
        JsonObject status = newest;
        if (status == null || !link.isWritable()) {
            return;
        }
        newest = null;
        offset().ifPresent(known -> status.put(CLOCK, JsonMapping.toJson(known)));
        String answerAddress = ANSWER_PREFIX + ++sent;
        Reading now = now();
        if (link.send(Addresses.HEARTBEATS, Map.of(), status, answerAddress)) {
            remember(answerAddress, now);
        } else {
            refused.accept("the status is longer than the link's limit");
        }
    }

    private void remember(String answerAddress, Reading now) {
        if (unanswered.isEmpty()) {
            unansweredSinceNs = now.monotonicNs();
        }
        unanswered.put(answerAddress, now);
        if (unanswered.size() > MAX_UNANSWERED) {
            Iterator<String> oldest = unanswered.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** What is known of the clock now. */
    Optional<ClockOffset> offset() {
        return estimate.at(now());
    }

    /** Whether the message is the answer to a heartbeat that the Hub took. */
    boolean isAnswered(BridgeFrame.Received message) {
        Reading received = now();
        Reading began = unanswered.remove(message.address());
        if (began == null) {
            return false;
        }
        unansweredSinceNs = received.monotonicNs();
        try {
            if (message.headers().containsKey(BusFailures.FAILURE_HEADER) || message.body() == null) {
                refused.accept(HubWords.of(String.valueOf(message.body())));
                return false;
            }
            HeartbeatAnswer answer = JsonMapping.fromJson(message.body(), HeartbeatAnswer.class);
            estimate.add(began, answer.hubTimeNs(), received);
            return true;
        } catch (HindsightException noAnswer) {
            refused.accept(HubWords.of(String.valueOf(noAnswer.getMessage())));
            return false;
        }
    }

    /** The Hub did not do something; where it was a heartbeat, there will be no answer to it. */
    void failed(BridgeFrame.Failed failure) {
        if (failure.address() != null && unanswered.remove(failure.address()) != null) {
            refused.accept(failure.words());
        }
    }

    /** How long ago the last answer was, or the first heartbeat since; 0 where all are answered. */
    long unansweredNs(long nowNs) {
        return unanswered.isEmpty() ? 0 : nowNs - unansweredSinceNs;
    }

    /** A link is over: what was sent over it is not answered any more. */
    void forget() {
        unanswered.clear();
    }

    private Reading now() {
        return new Reading(EpochNanos.of(clock.instant()), System.nanoTime());
    }
}
