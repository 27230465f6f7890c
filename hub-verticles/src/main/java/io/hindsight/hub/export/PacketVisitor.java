package io.hindsight.hub.export;

/** Looks at packets in the order of their times. Called on the thread of the {@link PacketPass}. */
public interface PacketVisitor {
    /**
     * A point of observation that has not been told of; its first packet is next.
     *
     * @param number from 0 on, one after the other
     * @param node name
     * @param interfaceName of the node; empty: it has none
     */
    void point(int number, String node, String interfaceName);

    /** A packet. */
    void packet(CapturedPacket packet);
}
