package io.hindsight.simulation;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Capture threads without a kernel: packets of known content and time go through the real writers into the real ring, some time after they were stamped. */
final class SimulatedCapture {
    private static final int INBOUND = 1;
    private static final int MAX_LENGTH = 400;

    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Tape tape;
    private final CaptureInterface device = new CaptureInterface(0, "eth0", 2, 1, 0, "");
    private final List<RingWriter> writers = new ArrayList<>();

    /** For each writer what the kernel holds: stamped, and not handed over. */
    private final List<List<Tape.Packet>> kernel = new ArrayList<>();

    private final byte[] content = new byte[MAX_LENGTH];

    SimulatedCapture(Scheduler scheduler, RandomGenerator random, Tape tape, Ring ring, int writerCount) {
        this.scheduler = scheduler;
        this.random = random;
        this.tape = tape;
        for (int number = 0; number < writerCount; number++) {
            writers.add(ring.writer(number));
            kernel.add(new ArrayList<>());
        }
    }

    /** Some packets come; each writer may take what waits. */
    void burst(int packets) {
        for (int i = 0; i < packets; i++) {
            int writer = random.nextInt(writers.size());
            kernel.get(writer).add(tape.next(scheduler.nowNs() + i, random.nextInt(40, MAX_LENGTH)));
        }
        for (int writer = 0; writer < writers.size(); writer++) {
            if (random.nextInt(3) > 0) {
                take(writer);
            }
        }
    }

    /** Everything that was stamped before is in the ring when this returns. */
    boolean drain() {
        for (int writer = 0; writer < writers.size(); writer++) {
            take(writer);
        }
        return true;
    }

    private void take(int number) {
        List<Tape.Packet> block = kernel.get(number);
        if (block.isEmpty()) {
            return;
        }
        RingWriter writer = writers.get(number);
        for (Tape.Packet packet : block) {
            Tape.content(packet, content);
            writer.packet(
                    device, packet.timeNs, INBOUND, MemorySegment.ofArray(content), 0, packet.length, packet.length);
        }
        writer.commit();
        block.forEach(packet -> packet.committed = true);
        block.clear();
    }
}
