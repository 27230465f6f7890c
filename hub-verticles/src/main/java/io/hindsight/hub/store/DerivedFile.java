package io.hindsight.hub.store;

import java.util.Optional;

/**
 * A file of a snapshot that was computed from its data when it was sealed. The names are a fixed list, so that no manifest can lead anywhere else.
 * Each can be made anew from the data files, and a snapshot is whole without it.
 */
public enum DerivedFile {
    /** Who had an address and which process had a socket, over time. */
    RESOLUTION("resolution.json"),
    /** How much happened when. */
    TIMELINE("timeline.json");

    /** The longest that is written or read. */
    public static final int MAX_LENGTH = 64 << 20;

    private final String fileName;

    DerivedFile(String fileName) {
        this.fileName = fileName;
    }

    /** Its name in the folder. */
    public String fileName() {
        return fileName;
    }

    /** The one of this name. */
    public static Optional<DerivedFile> named(String fileName) {
        for (DerivedFile file : values()) {
            if (file.fileName.equals(fileName)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
