package io.hindsight.simulation.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** The contract, held to by a simulated disk. */
class SimulatedFolderTest extends FileSystemContract {
    private final Path folder = new SimulatedDisk(16 << 20, InstantSource.system()).mount().getPath("/data/folder");

    @Override
    Path folder() throws IOException {
        return Files.createDirectories(folder);
    }
}
