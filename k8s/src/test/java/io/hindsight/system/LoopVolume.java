package io.hindsight.system;

import io.hindsight.testing.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ext4 file system of the test's own on a loop device, whose power can be cut. Needs root. */
final class LoopVolume implements AutoCloseable {
    /** {@code EXT4_IOC_SHUTDOWN} with {@code EXT4_GOING_FLAGS_NOLOGFLUSH} (fs/ext4/ext4.h): what is not on the device is gone. */
    private static final String POWER_CUT =
            "import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

    private final Path folder;
    private final Path mountPoint;
    private Path image;
    private boolean mounted;
    private int powerCuts;

    /** Made and mounted; {@code folder} holds its image and its mount point. */
    LoopVolume(Path folder, long lengthBytes) throws IOException {
        this.folder = folder;
        image = folder.resolve("volume.ext4");
        mountPoint = Files.createDirectory(folder.resolve("volume"));
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(lengthBytes);
        }
        Tools.run("mkfs.ext4", "-q", "-F", image.toString()).succeeded();
        mount();
    }

    /** Mounts it; the file system replays its journal. */
    void mount() {
        Tools.run("mount", "-o", "loop", image.toString(), mountPoint.toString()).succeeded();
        mounted = true;
    }

    /** Where it is mounted. */
    Path path() {
        return mountPoint;
    }

    /** From now on nothing reaches the device, and every access fails. */
    void cutPower() {
        Tools.run("python3", "-c", POWER_CUT, mountPoint.toString()).succeeded();
    }

    /**
     * Power is back: mounts what had reached the device. Nobody uses the volume any more. A copy of the device, because the kernel gives the same
     * device's file system again, shut down as it is, while anybody holds the old mount: each {@code ip netns exec} on this machine that began
     * meanwhile has one in its own mount namespace.
     */
    void powerOn() throws IOException {
        unmount();
        Path copy = folder.resolve("volume-" + ++powerCuts + ".ext4");
        Tools.run("cp", "--sparse=always", image.toString(), copy.toString()).succeeded();
        Files.delete(image);
        image = copy;
        mount();
    }

    /** Unmounts it; nobody uses it any more. */
    void unmount() {
        if (mounted) {
            Tools.run("umount", mountPoint.toString()).succeeded();
            mounted = false;
        }
    }

    /** Checks the file system itself. */
    void check() {
        Tools.run("e2fsck", "-fn", image.toString()).succeeded();
    }

    @Override
    public void close() {
        unmount();
    }
}
