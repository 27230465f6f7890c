package io.hindsight.simulation.disk;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** What is known of a file or folder, as it was when it was asked for. */
record DiskAttributes(
        Object fileKey, boolean isDirectory, long size, long modifiedMs, Set<PosixFilePermission> permissions)
        implements PosixFileAttributes {
    static DiskAttributes of(DiskNode node) {
        long size = node instanceof DiskFile file ? file.size() : 0;
        return new DiskAttributes(node, node instanceof DiskFolder, size, node.modifiedMs(), node.permissions());
    }

    @Override
    public boolean isRegularFile() {
        return !isDirectory;
    }

    @Override
    public boolean isSymbolicLink() {
        return false;
    }

    @Override
    public boolean isOther() {
        return false;
    }

    @Override
    public FileTime lastModifiedTime() {
        return FileTime.fromMillis(modifiedMs);
    }

    @Override
    public FileTime lastAccessTime() {
        return lastModifiedTime();
    }

    @Override
    public FileTime creationTime() {
        return lastModifiedTime();
    }

    @Override
    public UserPrincipal owner() {
        throw new UnsupportedOperationException("A simulated disk knows no users");
    }

    @Override
    public GroupPrincipal group() {
        throw new UnsupportedOperationException("A simulated disk knows no groups");
    }
}
