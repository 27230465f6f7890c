package io.hindsight.simulation.disk;

import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A file or a folder, whatever its names are. Guarded by the disk. */
abstract sealed class DiskNode permits DiskFile, DiskFolder {
    private Set<PosixFilePermission> permissions;
    private Set<PosixFilePermission> durablePermissions;
    private long modifiedMs;

    DiskNode(Set<PosixFilePermission> permissions, long modifiedMs) {
        this.permissions = permissions;
        this.durablePermissions = permissions;
        this.modifiedMs = modifiedMs;
    }

    Set<PosixFilePermission> permissions() {
        return permissions;
    }

    void permit(Set<PosixFilePermission> granted) {
        permissions = granted;
    }

    long modifiedMs() {
        return modifiedMs;
    }

    void modified(long nowMs) {
        modifiedMs = nowMs;
    }

    /** Permissions are on disk as they are. */
    void forcePermissions() {
        durablePermissions = permissions;
    }

    /** Permissions that were not forced are the new ones or the old ones. */
    void cutPower(RandomGenerator random) {
        if (!permissions.equals(durablePermissions) && random.nextBoolean()) {
            permissions = durablePermissions;
        }
        durablePermissions = permissions;
    }
}
