package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyEvent;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A line of the log to bytes and back ({@link CustodyFormat}). Stateless. */
final class CustodyLine {
    private static final int MAX_TEXT_LENGTH = 400;
    private static final int MAX_DETAILS = 16;
    private static final int MAX_DETAIL_NAME = 64;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private CustodyLine() {}

    /** The line's bytes, its LF included. */
    static byte[] encode(CustodyEvent event, Instant time, CustodyAnchor before) {
        String json = json(event, time, before).encode();
        byte[] content = json.substring(0, json.length() - 1).getBytes(StandardCharsets.UTF_8);
        byte[] digest = Digest.ofContent(content).hex().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(content.length + CustodyFormat.TAIL_LENGTH + 1)
                .put(content)
                .put(CustodyFormat.DIGEST_MARK)
                .put(digest)
                .put(CustodyFormat.LINE_END)
                .put((byte) '\n')
                .array();
    }

    private static JsonObject json(CustodyEvent event, Instant time, CustodyAnchor before) {
        JsonObject json = new JsonObject();
        json.put("sequence", before.sequence() + 1);
        json.put("time", time.toString());
        json.put("action", event.action().name());
        put(json, "snapshot", event.snapshot());
        put(json, "name", event.name());
        put(json, "who", event.who());
        put(json, "from", event.from());
        json.put("outcome", event.outcome().name());
        put(json, "code", event.code());
        if (!event.details().isEmpty()) {
            json.put("details", details(event.details()));
        }
        return json.put("previous", before.digest());
    }

    private static void put(JsonObject json, String field, @Nullable String value) {
        if (value != null) {
            json.put(field, cut(value, MAX_TEXT_LENGTH));
        }
    }

    private static JsonObject details(Map<String, String> details) {
        JsonObject json = new JsonObject();
        new TreeMap<>(details)
                .entrySet().stream()
                        .limit(MAX_DETAILS)
                        .forEach(detail ->
                                json.put(
                                        cut(detail.getKey(), MAX_DETAIL_NAME),
                                        cut(detail.getValue(), MAX_TEXT_LENGTH)));
        return json;
    }

    private static String cut(String text, int maxLength) {
        return text.length() <= maxLength ? text : text.substring(0, maxLength) + "…";
    }

    /**
     * What the line says, its digest checked; what stands before it is not.
     *
     * @param line without its LF
     * @throws HindsightException INTEGRITY_VIOLATED with the reason, where this log cannot have written it
     */
    static CustodyEntry decode(byte[] line) {
        int contentLength = line.length - CustodyFormat.TAIL_LENGTH;
        require(contentLength > 0 && endsAsALine(line, contentLength), "it does not end with a digest");
        String digest = digest(line, contentLength);
        MessageDigest digester = Digest.digester();
        digester.update(line, 0, contentLength);
        require(Digest.of(digester).hex().equals(digest), "it does not match the digest that it carries");
        try {
            return entry(new JsonObject(new String(line, StandardCharsets.UTF_8)), digest);
        } catch (DecodeException | ClassCastException | DateTimeException malformed) {
            throw broken("it is no JSON object of a custody log");
        }
    }

    private static boolean endsAsALine(byte[] line, int contentLength) {
        int digestAt = contentLength + CustodyFormat.DIGEST_MARK.length;
        int endAt = digestAt + CustodyFormat.DIGEST_LENGTH;
        return Arrays.equals(
                        line, contentLength, digestAt, CustodyFormat.DIGEST_MARK, 0, CustodyFormat.DIGEST_MARK.length)
                && Arrays.equals(line, endAt, line.length, CustodyFormat.LINE_END, 0, CustodyFormat.LINE_END.length);
    }

    private static String digest(byte[] line, int contentLength) {
        String digest =
                new String(
                        line,
                        contentLength + CustodyFormat.DIGEST_MARK.length,
                        CustodyFormat.DIGEST_LENGTH,
                        StandardCharsets.ISO_8859_1);
        require(DIGEST.matcher(digest).matches(), "its digest is not 64 hexadecimal digits");
        return digest;
    }

    private static CustodyEntry entry(JsonObject json, String digest) {
        Long sequence = json.getLong("sequence");
        require(
                sequence != null && sequence >= 1 && sequence <= CustodyFormat.HIGHEST_SEQUENCE,
                "it has no possible sequence");
        String previous = text(json, "previous");
        require(DIGEST.matcher(previous).matches(), "it does not name the digest of the line before");
        return new CustodyEntry(
                sequence == null ? 0 : sequence,
                Instant.parse(text(json, "time")),
                text(json, "action"),
                json.getString("snapshot"),
                json.getString("name"),
                text(json, "who"),
                json.getString("from"),
                text(json, "outcome"),
                json.getString("code"),
                details(json.getJsonObject("details")),
                previous,
                digest);
    }

    private static @Nullable Map<String, String> details(@Nullable JsonObject details) {
        if (details == null) {
            return null;
        }
        Map<String, String> map = new TreeMap<>();
        details.forEach(detail -> map.put(detail.getKey(), String.valueOf(detail.getValue())));
        return map;
    }

    private static String text(JsonObject json, String field) {
        String text = json.getString(field);
        if (text == null) {
            throw broken("it has no " + field);
        }
        return text;
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw broken(problem);
        }
    }

    private static HindsightException broken(String problem) {
        return new HindsightException(ErrorCode.INTEGRITY_VIOLATED, problem);
    }
}
