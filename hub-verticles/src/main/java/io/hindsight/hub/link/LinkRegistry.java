package io.hindsight.hub.link;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who holds which node's name: linked agents, members of the Hub's cluster, and the one in the Hub's own process. A name has one holder. The same instance takes its own over at once, which
 * is what an agent does whose connection broke; another instance is refused while the holder is heard of, and is what follows it otherwise.
 *
 * <p>Thread-safe: links come and go on the HTTP side's context, heartbeats come on the Hub's.
 */
public final class LinkRegistry {
    /** How long a conflict is shown after the last attempt. */
    public static final Duration CONFLICT_SHOWN_FOR = Duration.ofMinutes(2);

    private static final Logger LOG = LoggerFactory.getLogger(LinkRegistry.class);
    private static final int MAX_CONFLICTS = 1_000;

    /** Told of changes, on the thread that made them, with the registry locked: it only passes them on. */
    public interface Listener {
        /** The node's link has gone, and no other has taken its place. */
        void lost(NodeId node);

        /** Another agent wanted the node's name. */
        void conflict(NodeId node);
    }

    /** Whoever holds a name. */
    private static final class Holder {
        final String instance;
        final @Nullable Link link;
        final Instant since;

        /** Of a member of the cluster, else null. */
        final @Nullable String member;

        long heardNs = System.nanoTime();
        boolean gone;

        Holder(String instance, @Nullable Link link, @Nullable String member, Instant since) {
            this.member = member;
            this.instance = instance;
            this.link = link;
            this.since = since;
        }

        long heardNs() {
            return link == null ? heardNs : link.heardNs();
        }

        String place() {
            if (link != null) {
                return "from=" + link.from();
            }
            return member == null ? "in the Hub's own process" : "member=" + member;
        }
    }

    private record Conflict(String instance, String from, Instant at, long atNs, long attempts) {
        boolean isShown(long nowNs) {
            return nowNs - atNs < CONFLICT_SHOWN_FOR.toNanos();
        }
    }

    private final InstantSource clock;
    private final long aliveForNs;
    private final Map<String, Holder> holders = new HashMap<>();
    private final Map<String, Conflict> conflicts =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Conflict> eldest) {
                    return size() > MAX_CONFLICTS;
                }
            };
    private @Nullable Listener listener;

    /** {@code aliveFor}: the silence after which a holder's name is free. */
    public LinkRegistry(InstantSource clock, Duration aliveFor) {
        this.clock = clock;
        this.aliveForNs = aliveFor.toNanos();
    }

    /** Tells this one, from now on. */
    public synchronized void listen(Listener told) {
        this.listener = told;
    }

    /**
     * Takes a node's name for an agent that wants to link; an older link of the same agent is closed.
     *
     * @throws HindsightException NODE_CONFLICT where another agent has it and is alive
     */
    public synchronized Link claim(LinkIdentity identity, String from) {
        String name = identity.node().name();
        long nowNs = System.nanoTime();
        Holder before = holders.get(name);
        requireFree(identity.node(), before, identity.instance(), from, nowNs);
        removeGone(nowNs);
        Link link = new Link(identity, from, clock.instant());
        holders.put(name, new Holder(identity.instance(), link, null, link.since()));
        LOG.info("An agent is linked: {} version={}", link, identity.version());
        if (before != null && before.link != null && !before.gone) {
            LOG.info("A newer link takes over: {}", link);
            before.link.takenOver();
        }
        return link;
    }

    private void requireFree(NodeId node, @Nullable Holder holder, String instance, String from, long nowNs) {
        if (holder != null && !holder.instance.equals(instance) && isAlive(holder, nowNs)) {
            note(node, holder, instance, from);
            throw new HindsightException(
                    ErrorCode.NODE_CONFLICT,
                    "Another agent is linked as node="
                            + node
                            + ": instance="
                            + holder.instance
                            + " "
                            + holder.place()
                            + " since="
                            + holder.since
                            + ", and it is alive. Two agents cannot record one node: stop one, or give it another name with --node.");
        }
    }

    private boolean isAlive(Holder holder, long nowNs) {
        return !holder.gone && nowNs - holder.heardNs() < aliveForNs;
    }

    /** Those that have gone are kept for a moment: their last heartbeats may still be on their way through the Hub. */
    private void removeGone(long nowNs) {
        holders.values().removeIf(holder -> holder.gone && nowNs - holder.heardNs() > aliveForNs);
    }

    private void note(NodeId node, Holder holder, String instance, String from) {
        Conflict before = conflicts.remove(node.name());
        long attempts = before != null && before.instance.equals(instance) ? before.attempts + 1 : 1;
        conflicts.put(node.name(), new Conflict(instance, from, clock.instant(), System.nanoTime(), attempts));
        if (attempts == 1) {
            LOG.warn(
                    "Two agents claim node={}: instance={} {} has it, instance={} from={} is refused.",
                    node,
                    holder.instance,
                    holder.place(),
                    instance,
                    from);
        }
        if (listener != null) {
            listener.conflict(node);
        }
    }

    /** The link's socket has closed. */
    public synchronized void closed(Link link) {
        Holder holder = holders.get(link.identity().node().name());
        if (holder != null && holder.link == link && !holder.gone) {
            holder.gone = true;
            LOG.info("A link has gone: {}", link);
            if (listener != null) {
                listener.lost(link.identity().node());
            }
        }
    }

    /** A heartbeat came that is no member's. */
    public void heartbeat(NodeId node, String instance) {
        heartbeat(node, instance, null);
    }

    /**
     * A heartbeat came from this instance: over its link, from a member of the cluster, or from the Hub's own process.
     *
     * @param member the member's address, for people; null: it is none
     * @throws HindsightException NODE_CONFLICT where it is not the holder's, and the holder is alive
     */
    public synchronized void heartbeat(NodeId node, String instance, @Nullable String member) {
        Holder holder = holders.get(node.name());
        if (holder != null && holder.instance.equals(instance)) {
            holder.heardNs = System.nanoTime();
            return;
        }
        if (holder != null && !holder.gone && (holder.link != null || holder.member != null)) {
            String from = member == null ? "the Hub's own process" : member;
            requireFree(node, holder, instance, from, System.nanoTime());
            if (holder.link != null) {
                holder.link.takenOver();
            }
        }
        holders.put(node.name(), new Holder(instance, null, member, clock.instant()));
    }

    /** The node is listed no longer. */
    public synchronized void forget(NodeId node) {
        Holder holder = holders.get(node.name());
        if (holder != null && (holder.link == null || holder.gone)) {
            holders.remove(node.name());
        }
        conflicts.remove(node.name());
    }

    /** The node's link, where it has one. */
    public synchronized Optional<Link> link(NodeId node) {
        return Optional.ofNullable(holders.get(node.name())).filter(holder -> !holder.gone).map(holder -> holder.link);
    }

    /** A member of the cluster that holds a node's name. */
    public record Member(String from, Instant since) {}

    /** Where the node is a member of the cluster. */
    public synchronized Optional<Member> member(NodeId node) {
        return Optional.ofNullable(holders.get(node.name()))
                .flatMap(holder -> Optional.ofNullable(holder.member).map(from -> new Member(from, holder.since)));
    }

    /** That another agent wants the node's name, in a whole sentence, while that is news. */
    public synchronized Optional<String> conflict(NodeId node) {
        long nowNs = System.nanoTime();
        return Optional.ofNullable(conflicts.get(node.name()))
                .filter(conflict -> conflict.isShown(nowNs))
                .map(conflict ->
                        "Another agent claims this name and is refused: instance="
                                + conflict.instance
                                + " from="
                                + conflict.from
                                + " attempts="
                                + conflict.attempts
                                + " last="
                                + conflict.at
                                + ".");
    }
}
