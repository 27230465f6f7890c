package io.hindsight.agent.extract;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.bus.SharedStreamRequest;
import io.hindsight.bus.StreamEnd;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.TimeWindow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream for several planned sessions, its members: each chunk that any of them wants is read and sent once.
 *
 * <p><b>Order.</b> Of each ring the chunks go by sequence, as acknowledgements and a stream that is resumed ask for; over all rings the one with the oldest
 * first record goes next. That is nearly the order in which the rings recycle, and windows that ended early have their last chunk early. A member's
 * {@link StreamEnd} follows right behind.
 *
 * <p><b>How much of a chunk.</b> One that a single member wants goes as in a stream of its own: what lies outside its window is cut away. One that
 * several want goes whole, and so does all after a member has left before its end. The Hub keeps of a chunk, for each member, the records of its window where the sequence is one that the member has planned.
 *
 * <p><b>Open chunks.</b> Members were planned one after the other, so that the same chunk may have been open for the first ones, each with another committed length, and sealed
 * for the last. The longest form serves them all: committed bytes never change, so the longest holds all that any of them planned. What it holds beyond is not of
 * their windows, except where a window's end had not been reached or drained when it was planned, which the plan tells as a gap; of such a window a few
 * records more may come than were planned, never fewer.
 *
 * <p><b>Pins.</b> Each member holds its own. A chunk may be sent as long as one of those who want it holds it: then nobody has touched the slot. Members
 * whose pin is gone have it among what they lost.
 *
 * <p>Event-loop-confined: every method and field belongs to the agent verticle's context.
 */
final class SharedExtract implements ChunkPump.Feed {
    private static final Logger LOG = LoggerFactory.getLogger(SharedExtract.class);

    private final String id;
    private final NodeId node;
    private final ChunkPump pump;
    private final List<ExtractSource> sources;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Deque<StreamEnd> failures = new ArrayDeque<>();

    /**
     * A member has left before its end, or was never known. The Hub may hear of it after the next chunks, and then still takes them for it: they must not be cut to
     * what another one wants.
     */
    private boolean hasLostMembers;

    /** Who wants the chunk that is in hand. */
    private List<Member> wanting = List.of();

    /** A session, and how far the stream has come in its plan. */
    private static final class Member {
        final ExtractSession session;
        final Map<Ring, SourceCursor> cursors = new LinkedHashMap<>();
        boolean isEnded;

        Member(ExtractSession session, Map<String, Long> after) {
            this.session = session;
            session.plan().cursors(after).forEach(cursor -> cursors.put(cursor.planned().source().ring(), cursor));
        }

        long sequence(ExtractSource source) {
            SourceCursor cursor = cursors.get(source.ring());
            return isEnded || cursor == null ? SourceCursor.NONE : cursor.sequence();
        }

        boolean hasAll() {
            return cursors.values().stream().allMatch(SourceCursor::isAtEnd);
        }

        PlannedChunk take(ExtractSource source) {
            SourceCursor cursor = cursors.get(source.ring());
            if (cursor == null) {
                throw new IllegalStateException("A member takes chunks of its own sources.");
            }
            return cursor.take();
        }
    }

    /**
     * @param sessions planned, in the order in which their ends are told where several are due at once
     * @throws HindsightException WRONG_STATE where a ring was made anew while they were planned: their sequences would mean different chunks
     */
    SharedExtract(
            SharedStreamRequest request, NodeId node, Collection<ExtractSession> sessions, ExtractSession.Pumps pumps) {
        this.id = request.streamId();
        this.node = node;
        this.pump = pumps.apply(this);
        Map<String, ExtractSource> byLabel = new LinkedHashMap<>();
        for (ExtractSession session : sessions) {
            for (PlannedSource planned : session.plan().sources()) {
                ExtractSource source = planned.source();
                ExtractSource known = byLabel.putIfAbsent(source.label(), source);
                if (known != null && known.ring() != source.ring()) {
                    throw ofDifferentRings(source);
                }
            }
            Map<String, Long> after = request.members().getOrDefault(session.id(), Map.of());
            members.put(session.id(), new Member(session, after));
        }
        this.sources = List.copyOf(byLabel.values());
    }

    private static HindsightException ofDifferentRings(ExtractSource source) {
        return new HindsightException(
                ErrorCode.WRONG_STATE,
                "The members were planned on different rings of "
                        + source.label()
                        + ", which was made anew meanwhile: each needs a stream of its own.");
    }

    /** Begins; what is durable is unpinned. */
    void start(SharedStreamRequest request, ChunkChannel channel) {
        for (Member member : members.values()) {
            member.session.stop();
            member.session.unpinDurable(request.members().getOrDefault(member.session.id(), Map.of()));
        }
        pump.start(channel, request.creditBytes());
    }

    void credit(long bytes) {
        pump.credit(bytes);
    }

    boolean isHeldBack() {
        return pump.isHeldBack();
    }

    /** Those that have not left, whether all of theirs was sent or not. */
    Collection<ExtractSession> sessions() {
        return members.values().stream().map(member -> member.session).toList();
    }

    /** Ends without a word; the members' pins stay. */
    void stop() {
        pump.stop();
    }

    /** The session gets a stream of its own: nothing more is sent for it here. */
    void withdraw(String session) {
        Member member = members.remove(session);
        hasLostMembers |= member != null && !member.isEnded;
        stopIfNobodyIsLeft();
    }

    /** The session is released. What of it the carrier still reads stays as it is all the same. */
    void release(String session) {
        Member member = members.remove(session);
        if (member != null) {
            hasLostMembers |= !member.isEnded;
            member.session.release();
            stopIfNobodyIsLeft();
        }
    }

    private void stopIfNobodyIsLeft() {
        if (members.isEmpty()) {
            stop();
        }
    }

    /** Ends a member's part with a failure that the Hub is told. */
    void fail(String session, ErrorCode code, String reason) {
        Member member = members.remove(session);
        if (member == null || member.isEnded || !pump.isStreaming()) {
            return;
        }
        hasLostMembers = true;
        failures.add(end(session, member.session, reason, code));
        if (members.values().stream().allMatch(other -> other.isEnded)) {
            List<StreamEnd> last = List.copyOf(failures);
            failures.clear();
            pump.finish(last);
        }
    }

    /** A member that the Hub named and that has no session: it is told so, and the others go on. */
    void failUnknown(String session, HindsightException why) {
        hasLostMembers = true;
        failures.add(end(session, null, why.getMessage(), why.code()));
    }

    @Override
    public List<StreamEnd> due() {
        List<StreamEnd> due = new ArrayList<>(failures);
        failures.clear();
        for (Member member : members.values()) {
            if (!member.isEnded && member.hasAll()) {
                member.isEnded = true;
                due.add(end(member.session.id(), member.session, null, null));
            }
        }
        return due;
    }

    private StreamEnd end(
            String session, @Nullable ExtractSession planned, @Nullable String failure, @Nullable ErrorCode code) {
        return new StreamEnd(
                node.name(),
                pump.sentChunks(),
                pump.sentBytes(),
                planned == null ? List.of() : planned.allGaps(),
                failure,
                code == null ? null : code.name(),
                session);
    }

    @Override
    public @Nullable PlannedChunk next() {
        Wanted oldest = null;
        for (ExtractSource source : sources) {
            Wanted next = wanted(source);
            if (next != null && (oldest == null || next.firstTimestampNs() < oldest.firstTimestampNs())) {
                oldest = next;
            }
        }
        if (oldest == null) {
            LOG.info("stream={} sent chunks={} bytes={}.", id, pump.sentChunks(), pump.sentBytes());
            return null;
        }
        wanting = oldest.members;
        return oldest.take(!hasLostMembers);
    }

    /** What is next of a ring, and who wants it. */
    private static final class Wanted {
        final ExtractSource source;
        final List<Member> members = new ArrayList<>();
        private @Nullable SlotInfo longest;

        Wanted(ExtractSource source) {
            this.source = source;
        }

        void add(Member member) {
            SourceCursor cursor = member.cursors.get(source.ring());
            if (cursor != null) {
                members.add(member);
                SlotInfo slot = cursor.slot();
                longest = longest == null || slot.committedLength() > longest.committedLength() ? slot : longest;
            }
        }

        SlotInfo slot() {
            if (longest == null) {
                throw new IllegalStateException("Nobody wants anything of " + source.label() + ".");
            }
            return longest;
        }

        long firstTimestampNs() {
            return slot().firstTimestampNs();
        }

        /** Passes it for all who want it. {@code cuts}: whether it may be cut to the window of one who wants it alone. */
        PlannedChunk take(boolean cuts) {
            TimeWindow window = TimeWindow.ALL;
            for (Member member : members) {
                PlannedChunk own = member.take(source);
                window = cuts && members.size() == 1 ? own.window() : window;
            }
            return new PlannedChunk(source, slot(), window);
        }
    }

    private @Nullable Wanted wanted(ExtractSource source) {
        long sequence =
                members.values().stream().mapToLong(member -> member.sequence(source)).min().orElse(SourceCursor.NONE);
        if (sequence == SourceCursor.NONE) {
            return null;
        }
        Wanted wanted = new Wanted(source);
        for (Member member : members.values()) {
            if (member.sequence(source) == sequence) {
                wanted.add(member);
            }
        }
        return wanted;
    }

    /** Each pin that held is given up only after all others from here on. */
    @Override
    public boolean mayBeSent(PlannedChunk planned) {
        boolean held = false;
        for (Member member : wanting) {
            held |= member.session.markUnderWay(planned);
        }
        if (!held) {
            wanting.forEach(member -> member.session.passedOver(planned));
        }
        return held;
    }

    @Override
    public void sent() {}

    @Override
    public void empty(PlannedChunk planned) {
        wanting.forEach(member -> member.session.empty(planned));
    }

    @Override
    public void gone(PlannedChunk planned) {
        wanting.forEach(member -> member.session.gone(planned));
    }

    @Override
    public void unreadable(PlannedChunk planned, Throwable cause) {
        wanting.forEach(member -> member.session.unreadable(planned, cause));
    }

    @Override
    public void broken(Throwable cause) {
        LOG.warn("stream={} broke off; it can be resumed until the leases of its members end.", id, cause);
    }
}
