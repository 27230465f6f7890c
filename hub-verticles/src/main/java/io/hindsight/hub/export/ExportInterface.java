package io.hindsight.hub.export;

import io.hindsight.pcapng.InterfaceDescription;

/**
 * An interface of one node, the same in all its chunks. Numbered in the output when its first packet is written. Owned by the export's
 * thread.
 */
final class ExportInterface {
    static final int NOT_WRITTEN = -1;

    private final int file;
    private final InterfaceDescription description;
    private int outputId = NOT_WRITTEN;
    private long received;

    /** @param file index of the node's file in the plan */
    ExportInterface(int file, InterfaceDescription description) {
        this.file = file;
        this.description = description;
    }

    int file() {
        return file;
    }

    InterfaceDescription description() {
        return description;
    }

    /** Number of its IDB in the output, or {@link #NOT_WRITTEN}. */
    int outputId() {
        return outputId;
    }

    boolean isWritten() {
        return outputId != NOT_WRITTEN;
    }

    void written(int id) {
        outputId = id;
    }

    void addReceived(long count) {
        received += count;
    }

    long received() {
        return received;
    }
}
