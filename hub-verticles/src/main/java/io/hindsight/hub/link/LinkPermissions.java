package io.hindsight.hub.link;

import io.hindsight.bus.Addresses;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one link may do on the Hub's bus: take what is sent to its node, answer that, once, and send heartbeats and stream ends of its node. The bridge itself
 * would let any socket answer any message whose reply address it guesses, and these are numbered; so each link answers only what was sent over it. One context.
 */
final class LinkPermissions {
    /** Requests of the Hub that wait for this agent, and requests of the agent that wait for the Hub. */
    static final int MAX_UNANSWERED = 1_000;

    /** Longest address: a node's name and a snapshot's id fit. */
    static final int MAX_ADDRESS_LENGTH = 512;

    private static final String REPLY_PREFIX = "__vertx.reply.";

    private final LinkIdentity identity;
    private final String ownAddress;
    private final String chunksPrefix;
    private final long replyTimeoutNs;

    /** Reply addresses of what was delivered, with the time of delivery. */
    private final Map<String, Long> unanswered = new LinkedHashMap<>();

    /** Reply addresses that the agent named. */
    private final Set<String> asked = new LinkedHashSet<>();

    LinkPermissions(LinkIdentity identity, Duration replyTimeout) {
        this.identity = identity;
        this.ownAddress = Addresses.agent(identity.node());
        this.chunksPrefix = Addresses.chunksOf(identity.node());
        this.replyTimeoutNs = replyTimeout.toNanos();
    }

    /** Whether it may listen there. */
    boolean mayRegister(String address) {
        return address.equals(ownAddress);
    }

    /** Why the message may not be sent; empty where it may, and then it is noted. */
    Optional<LinkRefusal> send(JsonObject message) {
        String address = message.getString("address", "");
        if (address.startsWith(REPLY_PREFIX)) {
            return isAwaited(address) ? Optional.empty() : Optional.of(LinkRefusal.REPLY);
        }
        if (!maySend(address, message)) {
            return Optional.of(LinkRefusal.ADDRESS);
        }
        String replyAddress = message.getString("replyAddress");
        if (replyAddress != null) {
            asked.add(replyAddress);
            dropEldest(asked.iterator(), asked.size());
        }
        return Optional.empty();
    }

    private boolean isAwaited(String address) {
        Long deliveredNs = unanswered.remove(address);
        return deliveredNs != null && System.nanoTime() - deliveredNs < replyTimeoutNs;
    }

    private boolean maySend(String address, JsonObject message) {
        if (!(message.getValue("body") instanceof JsonObject body) || address.length() > MAX_ADDRESS_LENGTH) {
            return false;
        }
        if (address.equals(Addresses.HEARTBEATS)) {
            return identity.node().name().equals(body.getValue("node"))
                    && identity.instance().equals(body.getValue("instance"));
        }
        JsonObject headers = message.getJsonObject("headers");
        // What the Hub alone says of a lane.
        return address.startsWith(chunksPrefix)
                && (headers == null || !headers.containsKey(Addresses.LANE_BROKEN_HEADER));
    }

    /** Whether it may have this message, which is then noted. */
    boolean receive(JsonObject message) {
        String address = message.getString("address", "");
        if (!address.equals(ownAddress) && !asked.remove(address)) {
            return false;
        }
        String replyAddress = message.getString("replyAddress");
        if (replyAddress != null) {
            unanswered.put(replyAddress, System.nanoTime());
            dropEldest(unanswered.keySet().iterator(), unanswered.size());
        }
        return true;
    }

    private static void dropEldest(Iterator<String> eldestFirst, int size) {
        if (size > MAX_UNANSWERED) {
            eldestFirst.next();
            eldestFirst.remove();
        }
    }

    /** Reply addresses of requests that this link will not answer any more. */
    Set<String> unanswered() {
        return Set.copyOf(unanswered.keySet());
    }
}
