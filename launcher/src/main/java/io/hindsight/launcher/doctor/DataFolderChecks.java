package io.hindsight.launcher.doctor;

import io.hindsight.config.Configuration;
import io.hindsight.hub.store.ImmutableFlag;
import io.hindsight.launcher.cli.Human;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** The data folder: whether it can be used, how much room it has, whether snapshots can be made immutable there. */
final class DataFolderChecks {
    private final Path folder;
    private final long ringBytes;

    DataFolderChecks(Configuration configuration) {
        this.folder = existing(configuration.dataDirectory());
        this.ringBytes = configuration.agentConfig().storageSize().bytes();
    }

    /** The folder itself or, before the first start, the nearest one that exists. */
    private static Path existing(Path wanted) {
        Path folder = wanted.toAbsolutePath();
        while (!Files.isDirectory(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        return folder;
    }

    Finding room() {
        try {
            FileStore store = Files.getFileStore(folder);
            String detail =
                    folder
                            + " ("
                            + store.type()
                            + "), "
                            + Human.bytes(store.getUsableSpace())
                            + " free, ring "
                            + Human.bytes(ringBytes);
            if (!Files.isWritable(folder)) {
                return Finding.broken(
                        "data",
                        folder + " cannot be written to",
                        "Name another folder with --data DIR, or run as its owner.");
            }
            return store.getUsableSpace() < ringBytes
                    ? Finding.weak(
                            "data",
                            detail,
                            "If the ring is not there yet, name a smaller one with --storage-size, or another folder with --data.")
                    : Finding.ok("data", detail);
        } catch (IOException unreadable) {
            return Finding.broken(
                    "data", folder + ": " + unreadable.getMessage(), "Name another folder with --data DIR.");
        }
    }

    Finding immutable() {
        String weaker = "Snapshots are read-only all the same; as root on ext4, xfs or btrfs they become immutable.";
        try {
            Path probe = Files.createTempFile(folder, ".hindsight-doctor", null);
            boolean set = ImmutableFlag.set(probe, true);
            ImmutableFlag.set(probe, false);
            Files.delete(probe);
            return set
                    ? Finding.ok("immutable", "files can be made immutable")
                    : Finding.weak("immutable", "not possible here", weaker);
        } catch (IOException refused) {
            return Finding.weak("immutable", "cannot be tried in " + folder, weaker);
        }
    }
}
