package io.hindsight.agent.link;

import io.hindsight.agent.StatusSender;
import io.hindsight.agent.link.ClockEstimate.Reading;
import io.hindsight.bridge.RepeatedMessages;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.HeartbeatAnswer;
import io.hindsight.json.JsonMapping;
import io.hindsight.time.EpochNanos;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Heartbeats of an agent that is a member of the Hub's cluster: requests on the clustered bus. The answers tell how far the clocks are apart, as over a link.
 * Belongs to the agent verticle's context.
 */
public final class ClusteredHeartbeats implements StatusSender {
    /** Beats come each second, so as many at most are without an answer. */
    static final long ANSWER_MS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(ClusteredHeartbeats.class);
    private static final String CLOCK = "clock";

    private final EventBus eventBus;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final DeliveryOptions options;
    private final ClockEstimate estimate = new ClockEstimate();
    private final RepeatedMessages troubles = new RepeatedMessages();
    private boolean linked;

    /**
     * @param from this member's address, for people
     * @param nanoClock {@link System#nanoTime()}
     */
    public ClusteredHeartbeats(EventBus eventBus, String from, Clock clock, LongSupplier nanoClock) {
        this.eventBus = eventBus;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.options = new DeliveryOptions().setSendTimeout(ANSWER_MS).addHeader(Addresses.MEMBER_HEADER, from);
    }

    @Override
    public void send(JsonObject status) {
        Reading sent = now();
        estimate.at(sent).ifPresent(known -> status.put(CLOCK, JsonMapping.toJson(known)));
        eventBus.<JsonObject>request(Addresses.HEARTBEATS, status, options)
                .map(ClusteredHeartbeats::hubTimeNs)
                .onSuccess(hubTimeNs -> answered(sent, hubTimeNs))
                .onFailure(this::refused);
    }

    private static long hubTimeNs(Message<JsonObject> answer) {
        return JsonMapping.fromJson(BusFailures.body(answer), HeartbeatAnswer.class).hubTimeNs();
    }

    private void answered(Reading sent, long hubTimeNs) {
        estimate.add(sent, hubTimeNs, now());
        if (!linked) {
            linked = true;
            LOG.info("linked: the Hub answers on the clustered bus");
        }
    }

    private void refused(Throwable failure) {
        String words = BusFailures.asHindsight(failure).getMessage();
        if (linked) {
            linked = false;
            LOG.warn("The Hub no longer answers on the clustered bus: {}. Recording goes on.", words);
            return;
        }
        long times = troubles.due("heartbeat", nanoClock.getAsLong());
        if (times > 0) {
            LOG.warn("No Hub takes heartbeats on the clustered bus ({} times): {}", times, words);
        }
    }

    private Reading now() {
        return new Reading(EpochNanos.of(clock.instant()), nanoClock.getAsLong());
    }
}
