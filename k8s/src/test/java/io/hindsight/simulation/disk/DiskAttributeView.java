package io.hindsight.simulation.disk;

import java.io.IOException;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and sets what is known of a file or folder. */
record DiskAttributeView(DiskPath path) implements PosixFileAttributeView {
    private SimulatedDisk disk() {
        return path.getFileSystem().disk();
    }

    @Override
    public String name() {
        return "posix";
    }

    @Override
    public PosixFileAttributes readAttributes() throws IOException {
        synchronized (disk()) {
            return DiskAttributes.of(disk().get(path));
        }
    }

    @Override
    public void setTimes(
            @Nullable FileTime lastModifiedTime, @Nullable FileTime lastAccessTime, @Nullable FileTime createTime)
            throws IOException {
        if (lastModifiedTime != null) {
            disk().modified(path, lastModifiedTime.toMillis());
        }
    }

    @Override
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
        disk().permit(path, permissions);
    }

    @Override
    public UserPrincipal getOwner() {
        throw new UnsupportedOperationException("A simulated disk knows no users");
    }

    @Override
    public void setOwner(UserPrincipal owner) {
        throw new UnsupportedOperationException("A simulated disk knows no users");
    }

    @Override
    public void setGroup(GroupPrincipal group) {
        throw new UnsupportedOperationException("A simulated disk knows no groups");
    }
}
