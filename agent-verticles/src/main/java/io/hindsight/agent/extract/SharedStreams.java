package io.hindsight.agent.extract;

import io.hindsight.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The shared streams that an agent serves. A session is a member of one at most, and a stream without members is forgotten: there are never more than
 * sessions.
 *
 * <p>Event-loop-confined, as the sessions are.
 */
final class SharedStreams {
    /** Each word of the Hub renews the leases of all members; a thousand of them not at each of thousands of words a second, but well within the shortest lease. */
    private static final long RENEWAL_NS = TimeUnit.MILLISECONDS.toNanos(ExtractService.MIN_LEASE_MS / 4);

    private final LongSupplier nanoClock;
    private final Map<String, Open> streams = new HashMap<>();
    private final Map<String, String> streamOfMember = new HashMap<>();

    /** A stream, and when its members' leases were renewed together. */
    private static final class Open {
        final SharedExtract stream;
        long renewedNs;

        Open(SharedExtract stream, long nowNs) {
            this.stream = stream;
            this.renewedNs = nowNs;
        }
    }

    SharedStreams(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** A stream of the same name is replaced, and its members leave others. */
    void add(String id, SharedExtract stream) {
        remove(id);
        stream.sessions().forEach(session -> withdraw(session.id()));
        streams.put(id, new Open(stream, nanoClock.getAsLong()));
        stream.sessions().forEach(session -> streamOfMember.put(session.id(), id));
    }

    @Nullable SharedExtract stream(String id) {
        Open open = streams.get(id);
        return open == null ? null : open.stream;
    }

    @Nullable SharedExtract ofMember(String session) {
        String id = streamOfMember.get(session);
        return id == null ? null : stream(id);
    }

    /** Whether it is time to renew the leases of the stream's members. */
    boolean isRenewalDue(String id) {
        Open open = streams.get(id);
        long nowNs = nanoClock.getAsLong();
        if (open == null || nowNs - open.renewedNs < RENEWAL_NS) {
            return false;
        }
        open.renewedNs = nowNs;
        return true;
    }

    @Nullable String idOfMember(String session) {
        return streamOfMember.get(session);
    }

    /** Ends a stream without a word; false where there is none. Its members keep their pins. */
    boolean remove(String id) {
        Open open = streams.remove(id);
        if (open == null) {
            return false;
        }
        streamOfMember.values().removeAll(Set.of(id));
        open.stream.stop();
        return true;
    }

    /** The session is no member any more; its pins stay. */
    void withdraw(String session) {
        SharedExtract stream = ofMember(session);
        if (stream != null) {
            stream.withdraw(session);
            forget(session);
        }
    }

    /** Ends a member's session; false where it is no member. */
    boolean release(String session) {
        SharedExtract stream = ofMember(session);
        if (stream == null) {
            return false;
        }
        stream.release(session);
        forget(session);
        return true;
    }

    /** Ends a member's part with a failure that the Hub is told; its pins stay. */
    void fail(String session, ErrorCode code, String reason) {
        SharedExtract stream = ofMember(session);
        if (stream != null) {
            stream.fail(session, code, reason);
            forget(session);
        }
    }

    private void forget(String session) {
        String id = streamOfMember.remove(session);
        if (id != null && !streamOfMember.containsValue(id)) {
            streams.remove(id);
        }
    }
}
