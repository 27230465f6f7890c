package io.hindsight.agent.capture.linux;

/**
 * {@code struct tpacket_stats_v3} (linux/if_packet.h): the answer of {@code PACKET_STATISTICS}. Reading sets the counters to 0.
 *
 * <pre>
 * offset  width  field
 *      0      4  tp_packets       accepted by the filter, the dropped ones included
 *      4      4  tp_drops         of them, those for which the ring had no room
 *      8      4  tp_freeze_q_cnt  how often the ring was full
 * </pre>
 */
final class RingStatisticsDescriptor {
    static final int PACKETS_OFFSET = 0;
    static final int DROPS_OFFSET = PACKETS_OFFSET + Integer.BYTES;
    static final int FREEZES_OFFSET = DROPS_OFFSET + Integer.BYTES;
    static final int LENGTH = FREEZES_OFFSET + Integer.BYTES;

    private RingStatisticsDescriptor() {}
}
