package io.hindsight.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All connections of one 5-tuple in a snapshot. Numbers are those of the one observation point that saw most of its packets, so that a packet counts once
 * however many interfaces and nodes it passed.
 *
 * @param protocol {@code tcp}, {@code udp}, …; the number where it has no name
 * @param client who began: the sender of the first SYN; where there is none, the other end than the one with the only port below 1024, else the only one
 *     with a port from 32,768 to 60,999, else the sender of the first packet
 * @param server the other end
 * @param packets both ways
 * @param bytes of these packets on the wire, link headers included
 * @param first time of the first packet, by the clock of the node that saw it
 * @param last time of the last packet
 * @param connections how many there were one after the other; 1 for what knows no connections
 * @param incompleteHandshakes connections that began in the snapshot and were not established in it
 * @param retransmissions TCP segments with payload the first byte of which was sent before at the same point; keep-alives are none
 * @param resets TCP segments with RST
 * @param handshake from the first SYN to the client's first ACK; absent where none was seen whole
 * @param toServer what the client sent
 * @param toClient what the server sent
 * @param seenAt every point at which it was seen, the one with the most packets first
 */
public record Flow(
        String protocol,
        End client,
        End server,
        long packets,
        long bytes,
        Instant first,
        Instant last,
        long connections,
        long incompleteHandshakes,
        long retransmissions,
        long resets,
        @Nullable Handshake handshake,
        Direction toServer,
        Direction toClient,
        List<SeenAt> seenAt) {
    public Flow {
        seenAt = List.copyOf(seenAt);
    }

    /**
     * One end of a flow.
     *
     * @param address numeric
     * @param port absent where the protocol has none, and of fragments behind the first
     * @param workload who had the address then; absent where nobody knows
     * @param process which had the socket; absent where nobody knows
     */
    public record End(
            String address, @Nullable Integer port, @Nullable Workload workload, @Nullable SocketProcess process) {}

    /**
     * Something of Kubernetes that had an address.
     *
     * @param type {@code Pod}, {@code Service}, {@code Node}, …
     * @param namespace absent where it belongs to none
     * @param name of it
     * @param node on which it ran; absent where that makes no sense
     * @param ownerType kind of the topmost owner that is known
     * @param owner name of the topmost owner that is known
     */
    public record Workload(
            String type,
            @Nullable String namespace,
            String name,
            @Nullable String node,
            @Nullable String ownerType,
            @Nullable String owner) {}

    /**
     * A process that had a socket.
     *
     * @param node on which it ran
     * @param pid of it
     * @param command the kernel's {@code comm}
     * @param uid real user
     * @param namespace of its pod, where that is known
     * @param pod around it, where that is known
     * @param container name or id of the container around it, where that is known
     */
    public record SocketProcess(
            String node,
            int pid,
            String command,
            int uid,
            @Nullable String namespace,
            @Nullable String pod,
            @Nullable String container) {}

    /**
     * What one end sent.
     *
     * @param packets how many
     * @param bytes of them on the wire
     * @param retransmissions of them
     * @param resets of them
     */
    public record Direction(long packets, long bytes, long retransmissions, long resets) {}

    /**
     * Exact percentiles: the smallest time that so many of a hundred handshakes did not exceed.
     *
     * @param count handshakes that were seen whole
     * @param p50Ns half were not slower, in ns
     * @param p90Ns 90 % were not slower
     * @param p99Ns 99 % were not slower
     */
    public record Handshake(long count, long p50Ns, long p90Ns, long p99Ns) {}

    /**
     * A point of observation.
     *
     * @param node name
     * @param interfaceName of the node; empty: it has none
     * @param packets of the flow that were seen there, both ways
     * @param bytes of these packets on the wire
     */
    public record SeenAt(String node, String interfaceName, long packets, long bytes) {}
}
