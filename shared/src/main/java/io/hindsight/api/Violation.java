package io.hindsight.api;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a sealed snapshot. The damaged bytes lie in {@code [offset, offset + bytes)} of the file; where something is
 * missing, {@code offset} says where it would have to be and {@code bytes} how long it was.
 *
 * @param kind what was done to it
 * @param file name within the snapshot's folder
 * @param chunk number in the data file from 0, or number of the index's record; where one can be named
 * @param offset in the file, where one can be named
 * @param bytes how many bytes from the offset on, where that can be told
 * @param sequence of the chunk, where it is known
 * @param writer of the chunk, where it is known
 * @param field of the manifest, as a JSON pointer: {@code /nodes/0/packets}
 * @param expected what should be there
 * @param found what is there
 * @param detail whole sentence
 */
public record Violation(
        Kind kind,
        String file,
        @Nullable Long chunk,
        @Nullable Long offset,
        @Nullable Long bytes,
        @Nullable Long sequence,
        @Nullable Integer writer,
        @Nullable String field,
        @Nullable String expected,
        @Nullable String found,
        String detail) {

    /** What was done to a file or chunk. */
    public enum Kind {
        /** Bytes are others than were sealed. */
        CHANGED,
        /** A file or chunks are not there. */
        MISSING,
        /** A file, chunks or bytes that do not belong to the snapshot. */
        ADDED,
        /** A chunk stands there once more. */
        REPEATED,
        /** A chunk stands in another's place. */
        MOVED,
        /** The file ends within a chunk or record. */
        CUT_OFF,
        /** The manifest says something else than the files. */
        CLAIM,
        /** A symbolic link, folder, pipe, socket or device: it is not opened. */
        NOT_A_FILE,
        /** The file cannot be read. */
        UNREADABLE
    }

    /** Something that is wrong with a file as a whole. */
    public static Violation of(Kind kind, String file, String detail) {
        return new Violation(kind, file, null, null, null, null, null, null, null, null, detail);
    }

    /** At a chunk or record, which starts here or has its damage here. */
    public Violation at(long atChunk, long atOffset, long length) {
        return new Violation(kind, file, atChunk, atOffset, length, sequence, writer, field, expected, found, detail);
    }

    /** At a place that belongs to no chunk. */
    public Violation at(long atOffset, long length) {
        return new Violation(kind, file, chunk, atOffset, length, sequence, writer, field, expected, found, detail);
    }

    /** Of the chunk with this identity. */
    public Violation of(long ofSequence, int ofWriter) {
        return new Violation(kind, file, chunk, offset, bytes, ofSequence, ofWriter, field, expected, found, detail);
    }

    /** In a field of the manifest. */
    public Violation in(String inField) {
        return new Violation(kind, file, chunk, offset, bytes, sequence, writer, inField, expected, found, detail);
    }

    /** What should be there, and what is. */
    public Violation values(@Nullable String wanted, @Nullable String got) {
        return new Violation(kind, file, chunk, offset, bytes, sequence, writer, field, wanted, got, detail);
    }
}
