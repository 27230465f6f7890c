package io.hindsight.bus;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts one stream for several planned sessions of one agent, its members: a chunk that more than one of them wants is read and sent once. Chunks come
 * oldest first, whatever their source; one that lies wholly inside no member's window, or is wanted by several, comes whole, and the Hub keeps of it what
 * each member asked for. Each member gets a {@link StreamEnd} of its own behind its last chunk. The stream's credit is granted under {@code streamId},
 * what is durable under each member's own id; a released member is left out from then on.
 *
 * @param streamId of the stream, no session's
 * @param address where the chunks go: {@link Addresses#chunks} with {@code streamId}
 * @param creditBytes bytes that may be sent before the first {@link CreditGrant}; at least one chunk may always be under way
 * @param members by the snapshot's id, {@link StreamRequest#after}, in the order in which ends are told that are due at once; 1 to {@value #MAX_MEMBERS}
 * @param lane as {@link StreamRequest#lane}
 */
public record SharedStreamRequest(
        String streamId,
        String address,
        long creditBytes,
        Map<String, Map<String, Long>> members,
        @Nullable String lane) {
    /** Sessions that share a stream, at most. */
    public static final int MAX_MEMBERS = 1_000;

    public SharedStreamRequest {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
}
