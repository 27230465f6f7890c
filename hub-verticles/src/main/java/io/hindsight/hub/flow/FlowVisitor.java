package io.hindsight.hub.flow;

import io.hindsight.hub.export.CapturedPacket;
import io.hindsight.hub.export.PacketVisitor;
import io.hindsight.hub.packet.PacketTuple;
import java.util.ArrayList;
import java.util.List;

/** Puts every packet that has addresses into the table. Owned by the pass's thread. */
final class FlowVisitor implements PacketVisitor {
    private final PacketTuple tuple = new PacketTuple();
    private final FlowTable table;
    private final List<ObservationPoint> points = new ArrayList<>();
    private long packets;
    private long packetsWithoutAddress;

    FlowVisitor(FlowTable table) {
        this.table = table;
    }

    @Override
    public void point(int number, String node, String interfaceName) {
        points.add(new ObservationPoint(node, interfaceName));
    }

    @Override
    public void packet(CapturedPacket packet) {
        packets++;
        int captured = packet.capturedLength();
        int original = packet.originalLength();
        if (tuple.decode(packet.segment(), packet.offset(), captured, original, packet.linkType())) {
            table.add(tuple, packet.point(), Math.max(captured, original), packet.timestampNs());
        } else {
            packetsWithoutAddress++;
        }
    }

    /** By number. */
    List<ObservationPoint> points() {
        return points;
    }

    long packets() {
        return packets;
    }

    long packetsWithoutAddress() {
        return packetsWithoutAddress;
    }
}
