package io.hindsight.simulation.disk;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract, held to by a folder of this machine. */
class RealFolderTest extends FileSystemContract {
    @TempDir Path folder;

    @Override
    Path folder() {
        return folder;
    }
}
