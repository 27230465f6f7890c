package io.hindsight.simulation.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Refuses the next operations of one kind on the paths that match, as a broken disk does, and then lets everything pass again.
 *
 * <pre>{@code
 * disk.bend(new DiskFailure(DiskOperation.FORCE, path -> path.toString().endsWith(".pcapng"), 1));
 * }</pre>
 */
public final class DiskFailure implements DiskHook {
    private final DiskOperation operation;
    private final Predicate<Path> paths;
    private int left;

    /** {@code times} that it refuses. */
    public DiskFailure(DiskOperation operation, Predicate<Path> paths, int times) {
        this.operation = operation;
        this.paths = paths;
        this.left = times;
    }

    /** {@code EIO}. */
    public static IOException io() {
        return new IOException("Input/output error");
    }

    /** {@code ENOSPC}. */
    public static IOException full() {
        return new IOException("No space left on device");
    }

    /** Refusals yet to come. */
    public int left() {
        return left;
    }

    @Override
    public void before(DiskOperation asked, Path path) throws IOException {
        if (left > 0 && asked == operation && paths.test(path)) {
            left--;
            throw io();
        }
    }
}
