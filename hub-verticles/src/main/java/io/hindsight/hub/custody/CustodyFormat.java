package io.hindsight.hub.custody;

import java.nio.charset.StandardCharsets;

/**
 * Names and sizes of the custody log, as docs/FORMAT.md has them.
 *
 * <pre>
 * line = content ,"digest":"DIGEST"} LF      content: a JSON object without its closing brace
 *        0                                   SHA-256 of the content's bytes, 64 hexadecimal digits
 *                 −78                        from the line's end, the LF included
 * head = SEQUENCE SP DIGEST LF               20 decimal digits; 86 bytes, overwritten in place
 * </pre>
 *
 * The digest covers every byte of the line but the 78 that follow the content, and those can be nothing else; through {@code previous}, which is part of the
 * content, it covers every line before.
 */
final class CustodyFormat {
    /** The log's folder on the snapshot volume. */
    static final String FOLDER = ".custody";

    static final String LOCK_FILE = "lock";
    static final String HEAD_FILE = "head";
    static final String RESERVE_FILE = "reserve";

    /** Before the first line. */
    static final String NO_DIGEST = "0".repeat(64);

    static final int DIGEST_LENGTH = 64;
    static final int SEQUENCE_DIGITS = 20;

    /** No log is so long; a higher number is none of this log, and nothing is counted on from it. */
    static final long HIGHEST_SEQUENCE = 1L << 53;

    /** Between content and digest. */
    static final byte[] DIGEST_MARK = ",\"digest\":\"".getBytes(StandardCharsets.US_ASCII);

    /** After the digest. */
    static final byte[] LINE_END = "\"}".getBytes(StandardCharsets.US_ASCII);

    static final int TAIL_LENGTH = DIGEST_MARK.length + DIGEST_LENGTH + LINE_END.length;

    /** Every line begins so; the digits of its sequence follow. */
    static final byte[] LINE_START = "{\"sequence\":".getBytes(StandardCharsets.US_ASCII);

    /** A longer line is none of this log: what is written is cut far below. */
    static final int MAX_LINE_BYTES = 64 << 10;

    /** A file that would grow beyond is followed by a new one. */
    static final long MAX_FILE_BYTES = 64L << 20;

    private CustodyFormat() {}
}
