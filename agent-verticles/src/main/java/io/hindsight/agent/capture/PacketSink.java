package io.hindsight.agent.capture;

import io.hindsight.chunk.DropCause;
import java.lang.foreign.MemorySegment;

/**
 * Where a capture thread puts packets: one sink per capture thread, used by that thread only. No call allocates, blocks or makes a system
 * call; every packet is copied once, from {@code data} into the open chunk, so {@code data} may be re-used after the call.
 */
public interface PacketSink {
    /**
     * Appends one packet. A packet that does not fit into any chunk, or for which no slot is free, is counted by cause, not thrown.
     *
     * @param networkInterface where it was seen; the sink describes it in each chunk where it occurs
     * @param timestampNs since the epoch
     * @param direction an {@code EnhancedPacketBlockDescriptor.DIRECTION_} value
     * @param data memory that holds the packet from its link-layer header
     * @param offset where it starts in {@code data}
     * @param capturedLength bytes present at {@code offset}, at least 0
     * @param originalLength bytes on the wire, at least {@code capturedLength}
     */
    void packet(
            CaptureInterface networkInterface,
            long timestampNs,
            int direction,
            MemorySegment data,
            long offset,
            int capturedLength,
            int originalLength);

    /**
     * As {@link #packet}, with an IEEE 802.1Q tag put back that the kernel had taken out: {@code tpid} and {@code tci} are written after
     * the first {@code tagOffset} bytes. The lengths are those with the tag; {@code data} holds {@code capturedLength - 4} bytes.
     *
     * @param tagOffset bytes before the tag: 12 for Ethernet; at most {@code capturedLength - 4}
     * @param tpid tag protocol identifier, for example 0x8100 or 0x88A8
     * @param tci priority and VLAN id
     */
    void taggedPacket(
            CaptureInterface networkInterface,
            long timestampNs,
            int direction,
            MemorySegment data,
            long offset,
            int capturedLength,
            int originalLength,
            int tagOffset,
            int tpid,
            int tci);

    /** Counts packets that never got here. */
    void dropped(DropCause cause, long count);

    /**
     * Memory that the sink fills could not be had: {@link InternalError} came out of another method, of this call or one before. The sink gives
     * up what it has not committed, counts it, and goes on elsewhere.
     *
     * @param lost packets of the batch that were not handed over, which are counted as well
     */
    void faulted(long lost);

    /** Publishes everything appended so far to readers: once per batch (a kernel block), never per packet. */
    void commit();
}
