package io.hindsight.api;

import java.util.List;

/**
 * One page of a list.
 *
 * @param snapshots this page
 * @param total all that match
 * @param limit as asked, or the default
 * @param offset as asked, or 0
 */
public record SnapshotPage(List<Snapshot> snapshots, int total, int limit, int offset) {
    public SnapshotPage {
        snapshots = List.copyOf(snapshots);
    }
}
