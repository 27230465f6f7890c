package io.hindsight.hub.export;

import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Shows every packet that an export would write, in the same order, to somebody who writes nothing. Stateless. */
public final class PacketPass {
    private PacketPass() {}

    /**
     * Reads mapped files: call it on a worker. Allocates nothing for a packet.
     *
     * @param plan of pcapng
     * @param cancelled asked every thousand records: true ends the pass; it may throw what the pass is to end with
     * @throws HindsightException CANCELLED, INTEGRITY_VIOLATED or IO_FAILED
     */
    public static ExportStatistics run(ExportPlan plan, BooleanSupplier cancelled, PacketVisitor visitor) {
        try (ExportRun run = ExportRun.into(plan, cancelled, new Sink(plan, visitor))) {
            run.finish();
            return run.statistics();
        }
    }

    /** Writes nothing. Two interfaces of a node that have the same name, by other settings of the recorder, are one point. */
    private static final class Sink implements RecordSink {
        private final ExportPlan plan;
        private final PacketVisitor visitor;
        private final CapturedPacket packet = new CapturedPacket();
        private final Map<Point, Integer> points = new HashMap<>();

        private record Point(int file, String interfaceName) {}

        Sink(ExportPlan plan, PacketVisitor visitor) {
            this.plan = plan;
            this.visitor = visitor;
        }

        @Override
        public void begin() {
            points.clear();
        }

        @Override
        public boolean record(OpenChunk chunk) {
            if (chunk.type() == EnhancedPacketBlockDescriptor.TYPE) {
                int id = EnhancedPacketBlock.interfaceId(chunk.segment(), chunk.offset());
                ExportInterface networkInterface = chunk.networkInterface(id);
                if (!networkInterface.isWritten()) {
                    networkInterface.written(number(networkInterface));
                }
                packet.standAt(chunk, networkInterface.description().linkType(), networkInterface.outputId());
                visitor.packet(packet);
            }
            return true;
        }

        private int number(ExportInterface networkInterface) {
            Point point = new Point(networkInterface.file(), networkInterface.description().name());
            Integer known = points.get(point);
            if (known != null) {
                return known;
            }
            int number = points.size();
            points.put(point, number);
            visitor.point(number, plan.snapshot().nodeNames().get(point.file()), point.interfaceName());
            return number;
        }

        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public void flush() {
            // Nothing is held back.
        }

        @Override
        public void end() {
            // Nothing is written.
        }
    }
}
