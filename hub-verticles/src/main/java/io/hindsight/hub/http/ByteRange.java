package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file (RFC 9110, section 14).
 *
 * @param offset first byte
 * @param length bytes, at least 1
 */
record ByteRange(long offset, long length) {
    private static final Pattern SINGLE = Pattern.compile("(\\d{0,18})-(\\d{0,18})");
    private static final String UNIT = "bytes=";

    /**
     * The range that a header asks of a file; empty: the whole. Units that are not known and lists of ranges are passed over, as the RFC allows.
     *
     * @throws HindsightException RANGE_NOT_SATISFIABLE where it is malformed or outside the file
     */
    static Optional<ByteRange> of(@Nullable String header, long fileLength) {
        if (header == null || !header.startsWith(UNIT) || header.indexOf(',') >= 0) {
            return Optional.empty();
        }
        Matcher range = SINGLE.matcher(header.substring(UNIT.length()).strip());
        if (!range.matches() || header.endsWith("=-")) {
            throw refusal(fileLength);
        }
        return Optional.of(range.group(1).isEmpty() ? last(range.group(2), fileLength) : between(range, fileLength));
    }

    private static ByteRange last(String count, long fileLength) {
        long length = Math.min(Long.parseLong(count), fileLength);
        if (length == 0) {
            throw refusal(fileLength);
        }
        return new ByteRange(fileLength - length, length);
    }

    private static ByteRange between(Matcher range, long fileLength) {
        long first = Long.parseLong(range.group(1));
        long last =
                range.group(2).isEmpty() ? fileLength - 1 : Math.min(Long.parseLong(range.group(2)), fileLength - 1);
        if (first >= fileLength || last < first) {
            throw refusal(fileLength);
        }
        return new ByteRange(first, last - first + 1);
    }

    /** Value of {@code Content-Range}. */
    String header(long fileLength) {
        return "bytes " + offset + "-" + (offset + length - 1) + "/" + fileLength;
    }

    private static HindsightException refusal(long fileLength) {
        return HindsightException.ofField(
                ErrorCode.RANGE_NOT_SATISFIABLE,
                "Range",
                "The file has length="
                        + fileLength
                        + " bytes; a range is bytes=<first>-<last>, both from 0, within them.");
    }
}
