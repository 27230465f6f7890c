package io.hindsight.hub.export;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.ClockOffset;
import io.hindsight.api.Gap;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.time.EpochNanos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes the data files of a snapshot that was never recorded. */
final class SnapshotFixture {
    /** 2026-11-22T21:30:00Z. */
    static final long START_NS = 1_795_383_000_000_000_000L;

    private final Path folder;
    private final List<SnapshotFiles.NodeFile> nodes = new ArrayList<>();
    private final List<SnapshotFiles.AbsentNode> absent = new ArrayList<>();

    SnapshotFixture(Path folder) {
        this.folder = folder;
    }

    SnapshotFixture node(String name, List<byte[]> chunks) {
        Path file = folder.resolve(name + ".pcapng");
        try {
            Files.write(file, ChunkFixtures.concatenate(chunks));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        nodes.add(new SnapshotFiles.NodeFile(name, file, List.of(), null, 0));
        return this;
    }

    /** Of the node that was written last. */
    SnapshotFixture gaps(Gap... gaps) {
        SnapshotFiles.NodeFile last = nodes.removeLast();
        nodes.add(
                new SnapshotFiles.NodeFile(
                        last.node(), last.path(), List.of(gaps), last.clock(), last.windowShiftNs()));
        return this;
    }

    /** Of the node that was written last. */
    SnapshotFixture clock(long offsetNs, long errorNs) {
        SnapshotFiles.NodeFile last = nodes.removeLast();
        ClockOffset clock = new ClockOffset(offsetNs, errorNs, EpochNanos.toInstant(START_NS));
        nodes.add(new SnapshotFiles.NodeFile(last.node(), last.path(), last.gaps(), clock, last.windowShiftNs()));
        return this;
    }

    /** Of the node that was written last: it was asked for the window in its own time. */
    SnapshotFixture windowShift(long shiftNs) {
        SnapshotFiles.NodeFile last = nodes.removeLast();
        nodes.add(new SnapshotFiles.NodeFile(last.node(), last.path(), last.gaps(), last.clock(), shiftNs));
        return this;
    }

    /** Of the node that was written last. */
    SnapshotFixture captures(CaptureChange... captures) {
        SnapshotFiles.NodeFile last = nodes.removeLast();
        nodes.add(
                new SnapshotFiles.NodeFile(
                        last.node(), last.path(), last.gaps(), last.clock(), last.windowShiftNs(), List.of(captures)));
        return this;
    }

    /** A node that delivered nothing. */
    SnapshotFixture absent(String name, Gap... gaps) {
        absent.add(new SnapshotFiles.AbsentNode(name, List.of(gaps), null));
        return this;
    }

    SnapshotFiles files() {
        Instant start = EpochNanos.toInstant(START_NS);
        return new SnapshotFiles("s1", "checkout 500s", start, start.plusSeconds(3_600), nodes, absent);
    }

    Path file(String node) {
        return folder.resolve(node + ".pcapng");
    }
}
