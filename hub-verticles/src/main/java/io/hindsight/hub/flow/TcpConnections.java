package io.hindsight.hub.flow;

import io.hindsight.hub.packet.PacketTuple;
import io.hindsight.hub.packet.TcpFlags;

/**
 * The connections of one TCP flow, one after the other, as one point saw them.
 *
 * <ul>
 *   <li>A SYN without ACK begins a connection, if its number is another than that of the last such SYN, and the connection before was ended by both (FIN or RST),
 *       was never established, or was silent for {@link #LONG_SILENCE_NS}. Any other SYN is a segment like others.
 *   <li>A handshake lasts from the first SYN of a connection to the first segment with ACK of the same end, unless a RST came first.
 *   <li>A segment with payload is a retransmission, if its first byte was sent before and is no keep-alive: at most one byte, the last one that was sent.
 * </ul>
 */
final class TcpConnections {
    /** After which a new SYN begins a connection whatever became of the one before: Linux's TIME_WAIT. */
    static final long LONG_SILENCE_NS = 60_000_000_000L;

    private static final int FROM_LOWER = 1;
    private static final int FROM_UPPER = 2;
    private static final int BOTH = FROM_LOWER | FROM_UPPER;

    private final SentSequence lower = new SentSequence();
    private final SentSequence upper = new SentSequence();
    private final Handshakes handshakes = new Handshakes();
    private int connections;
    private int begun;
    private int established;

    /** Of the connection now. */
    private boolean seenSyn;

    private boolean awaitsAck;
    private boolean initiatorIsLower;
    private int initialSequence;
    private long synNs;
    private int ended;

    /** What came of a segment. */
    enum Outcome {
        /** Nothing to tell of. */
        PLAIN,
        /** It was sent before. */
        RETRANSMISSION,
        /** It ends a handshake. */
        ESTABLISHED
    }

    /**
     * Takes the next segment.
     *
     * @param beforeNs when the one before it came
     */
    Outcome add(PacketTuple segment, boolean fromLower, long timeNs, long beforeNs) {
        boolean isSyn = segment.hasFlag(TcpFlags.SYN);
        boolean isReset = segment.hasFlag(TcpFlags.RST);
        boolean hasAck = segment.hasFlag(TcpFlags.ACK);
        if (isSyn && !hasAck && begins(segment.sequence(), fromLower, timeNs - beforeNs)) {
            begin(segment.sequence(), fromLower, timeNs);
        } else if (connections == 0) {
            connections = 1;
        }
        boolean isRepeated = isRepeated(segment, fromLower ? lower : upper);
        boolean establishes =
                awaitsAck
                        && hasAck
                        && !isSyn
                        && !isReset
                        && fromLower == initiatorIsLower
                        && segment.sequence() - initialSequence > 0;
        end(segment, fromLower, isReset);
        if (establishes) {
            awaitsAck = false;
            established++;
            return Outcome.ESTABLISHED;
        }
        return isRepeated ? Outcome.RETRANSMISSION : Outcome.PLAIN;
    }

    private boolean begins(int sequence, boolean fromLower, long silenceNs) {
        if (connections == 0) {
            return true;
        }
        boolean isSentAgain = seenSyn && fromLower == initiatorIsLower && sequence == initialSequence;
        boolean isGivenUp = awaitsAck && fromLower == initiatorIsLower;
        return !isSentAgain && (ended == BOTH || isGivenUp || silenceNs >= LONG_SILENCE_NS);
    }

    private void begin(int sequence, boolean fromLower, long timeNs) {
        connections++;
        begun++;
        seenSyn = true;
        awaitsAck = true;
        initiatorIsLower = fromLower;
        initialSequence = sequence;
        synNs = timeNs;
        ended = 0;
        lower.clear();
        upper.clear();
    }

    private static boolean isRepeated(PacketTuple segment, SentSequence sent) {
        if (segment.hasFlag(TcpFlags.RST)) {
            return false;
        }
        int marks = (segment.hasFlag(TcpFlags.SYN) ? 1 : 0) + (segment.hasFlag(TcpFlags.FIN) ? 1 : 0);
        int payload = segment.payloadLength();
        if (payload + marks == 0 || (marks == 0 && payload == 1 && sent.isLast(segment.sequence()))) {
            return false;
        }
        return sent.add(segment.sequence(), payload + marks) && payload > 0;
    }

    private void end(PacketTuple segment, boolean fromLower, boolean isReset) {
        if (isReset) {
            ended = BOTH;
            awaitsAck = false;
        } else if (segment.hasFlag(TcpFlags.FIN)) {
            ended |= fromLower ? FROM_LOWER : FROM_UPPER;
        }
    }

    /** Keeps how long the handshake took that has just ended. */
    void measure(long timeNs) {
        handshakes.add(timeNs - synNs);
    }

    int connections() {
        return connections;
    }

    /** Connections that began here and were not established. */
    int incomplete() {
        return begun - established;
    }

    Handshakes handshakes() {
        return handshakes;
    }
}
