package io.hindsight.hub.flow;

import io.hindsight.api.Flow;
import io.hindsight.api.FlowPage;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The data files of a snapshot that was never recorded, and its flows. */
final class FlowFixture {
    /** 2026-11-22T21:30:00Z. */
    static final long START_NS = 1_795_383_000_000_000_000L;

    static final FlowSelection EVERYTHING = FlowSelection.of(List.of(), null, null, null);

    private final Path folder;
    private final List<SnapshotFiles.NodeFile> nodes = new ArrayList<>();
    private Resolution resolution = Resolution.NONE;
    private FlowLimits limits = FlowLimits.DEFAULTS;

    FlowFixture(Path folder) {
        this.folder = folder;
    }

    FlowFixture node(String name, List<FixturePacket> packets) {
        Path file = folder.resolve(name + ".pcapng");
        try {
            Files.write(file, ChunkFixtures.node(name).packets(packets));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        nodes.add(new SnapshotFiles.NodeFile(name, file, List.of(), null, 0));
        return this;
    }

    FlowFixture resolution(Resolution of) {
        resolution = of;
        return this;
    }

    FlowFixture limits(int flows, int observations, int handshakes, int fingerprints) {
        limits = new FlowLimits(flows, observations, handshakes, fingerprints, Duration.ofMinutes(1));
        return this;
    }

    SnapshotFiles files() {
        return new SnapshotFiles(
                "s1", "flows", EpochNanos.toInstant(0), EpochNanos.toInstant(Long.MAX_VALUE), nodes, List.of());
    }

    FlowSet compute(FlowSelection selection) {
        return FlowComputation.run(files(), selection, resolution, limits, () -> false);
    }

    /** In the order of first packets. */
    List<Flow> flows() {
        return flows(compute(EVERYTHING), FlowFilter.ALL, FlowSort.FIRST, true);
    }

    static List<Flow> flows(FlowSet set, FlowFilter filter, FlowSort sort, boolean ascending) {
        FlowPage page =
                new FlowQuery(EVERYTHING, filter, FlowGrouping.FLOW, sort, ascending, FlowQuery.MAX_ROWS, 0).page(set);
        return page.flows() == null ? List.of() : page.flows();
    }
}
