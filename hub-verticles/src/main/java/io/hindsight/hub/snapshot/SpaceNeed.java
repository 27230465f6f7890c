package io.hindsight.hub.snapshot;

import io.hindsight.bus.ExtentPlan;
import io.hindsight.hub.store.IndexDescriptor;
import java.util.List;

/** Bytes that a snapshot takes at most: data, index, and what manifest and file system need beside. */
final class SpaceNeed {
    private static final long PER_SNAPSHOT = 64L << 10;
    private static final long PER_NODE = 16L << 10;
    private static final long PER_GAP = 512;

    private SpaceNeed() {}

    static long bytes(List<NodePart> nodes) {
        long sum = PER_SNAPSHOT;
        for (NodePart node : nodes) {
            ExtentPlan plan = node.plan();
            sum += PER_NODE + node.gaps().size() * PER_GAP;
            sum += node.bytesToCome() + (plan == null ? 0 : IndexDescriptor.recordOffset(plan.chunks()));
        }
        return sum;
    }
}
