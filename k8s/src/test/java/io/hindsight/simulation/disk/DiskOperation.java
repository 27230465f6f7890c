package io.hindsight.simulation.disk;

/** What a program asks of a disk, and what a {@link DiskHook} can refuse. */
public enum DiskOperation {
    /** A file is made. */
    CREATE,

    /** A folder is made. */
    CREATE_FOLDER,

    /** Bytes are read by a call, not through a mapping. */
    READ,

    /** Bytes are written by a call, not through a mapping. */
    WRITE,

    /** A file is cut. */
    TRUNCATE,

    /** A file is synced. */
    FORCE,

    /** A folder is synced. */
    FORCE_FOLDER,

    /** A file or folder gets another name; the path is the old one. */
    RENAME,

    /** A file or folder loses its name. */
    DELETE
}
