package io.hindsight.hub.store;

import io.hindsight.error.HindsightException;
import java.util.Map;

/** Hears of a {@link NodeFileWriter}'s progress, on its worker threads. */
public interface FileListener {
    /** A chunk's memory was given back: it is written and hashed, or was left out as a duplicate, or the file has failed. */
    void released(long lengthBytes, FileCounts counts);

    /**
     * Everything so far is on disk.
     *
     * @param sequences by source label, the last one written
     * @param bytes of the data file
     */
    void durable(Map<String, Long> sequences, long bytes);

    /** A chunk was not what it should be; nothing of it was written, and no further one will be. The file may be finished. At most once. */
    void refused(HindsightException reason);

    /** The file takes nothing more. Called at most once. */
    void failed(HindsightException failure);
}
