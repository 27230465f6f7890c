package io.hindsight.hub.export;

/** Writes records of one format, in the order in which they come. Owned by the export's thread. */
interface RecordSink {
    /** Room that a buffer must have for a sink to start another record: the fixed parts of any record fit into it. */
    int MIN_ROOM = 64;

    /** What stands before the first record. */
    void begin();

    /**
     * Writes the record at which the chunk stands.
     *
     * @return false where this format cannot hold such a record
     */
    boolean record(OpenChunk chunk);

    /**
     * Writes what a node recorded from here on.
     *
     * @return false where this format, or sink, has no place for that
     */
    default boolean capture(CaptureNote note) {
        return false;
    }

    /** Whether the buffer has to go before another record can come. */
    boolean isFull();

    /** Puts everything into the buffer that was held back. */
    void flush();

    /** What stands after the last record. */
    void end();
}
