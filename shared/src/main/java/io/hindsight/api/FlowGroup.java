package io.hindsight.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Flows between the same two parties, added up.
 *
 * @param client whose ends began them
 * @param server whose ends were spoken to
 * @param flows how many
 * @param packets both ways
 * @param bytes of these packets on the wire
 * @param first time of the first packet
 * @param last time of the last packet
 * @param connections of all flows
 * @param incompleteHandshakes connections that began in the snapshot and were not established in it
 * @param retransmissions of all flows
 * @param resets of all flows
 * @param handshake over every connection of every flow; absent where none was seen whole
 * @param toServer what clients sent
 * @param toClient what servers sent
 */
public record FlowGroup(
        Party client,
        Party server,
        long flows,
        long packets,
        long bytes,
        Instant first,
        Instant last,
        long connections,
        long incompleteHandshakes,
        long retransmissions,
        long resets,
        Flow.@Nullable Handshake handshake,
        Flow.Direction toServer,
        Flow.Direction toClient) {

    /**
     * A workload or a namespace.
     *
     * @param type {@code Deployment}, {@code Pod}, {@code Namespace}, …; {@code Address} where nobody knows who had it, {@code Unknown} for all of those
     *     together
     * @param namespace absent where it belongs to none
     * @param name of it, or the address
     */
    public record Party(String type, @Nullable String namespace, String name) {}
}
