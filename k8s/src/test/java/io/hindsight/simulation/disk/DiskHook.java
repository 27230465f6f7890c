package io.hindsight.simulation.disk;

import java.io.IOException;
import java.nio.file.Path;

/** Bends a {@link SimulatedDisk}. Called within the operation, before anything of it is done; it must not use the disk. */
public interface DiskHook {
    /** A disk that does what it is told. */
    DiskHook NONE = new DiskHook() {};

    /** May refuse the operation; {@link DiskFailure#io} is what a broken disk says. */
    default void before(DiskOperation operation, Path path) throws IOException {}

    /** Of so many bytes (at least 1) of one write, how many are taken, 1 to {@code bytes}: fewer make a short write. */
    default long taken(Path path, long bytes) {
        return bytes;
    }
}
