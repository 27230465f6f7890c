package io.hindsight.hub.export;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.time.EpochNanos;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A journal record as a line of JSON:
 *
 * <pre>{@code
 * {"time": "2026-11-22T21:30:00.123456789Z", "node": "node-1", "source": "kubernetes", "message": "…",
 *  "record": {…}, "fields": {"K8S_REASON": "BackOff", …}}
 * }</pre>
 *
 * {@code record} is the value of {@code HINDSIGHT_JSON} as it was stored; {@code fields} are the other fields: text as a string, bytes that
 * are no UTF-8 as {@code {"base64": "…"}}, a name that comes more than once as an array.
 */
final class JournalLine {
    private static final JsonFactory JSON = new JsonFactory();

    /** Fields whose content stands elsewhere in the line. */
    private static final List<String> TOLD_ELSEWHERE =
            List.of(
                    JournalExportBlockDescriptor.REALTIME_TIMESTAMP,
                    JournalExportBlockDescriptor.TIME_NS,
                    JournalExportBlockDescriptor.MESSAGE,
                    JournalExportBlockDescriptor.JSON);

    private final Map<String, List<byte[]>> fields = new LinkedHashMap<>();

    private JournalLine(MemorySegment segment, long offset) {
        JournalEntryReader reader = new JournalEntryReader(segment, offset);
        while (reader.next()) {
            fields.computeIfAbsent(reader.name(), name -> new ArrayList<>(1))
                    .add(reader.valueBytes().toArray(LittleEndian.U8));
        }
    }

    /** The record at which the chunk stands, with its line feed. */
    static byte[] of(OpenChunk chunk, String node) {
        return of(chunk.segment(), chunk.offset(), chunk.timestampNs(), chunk.entry().source().label(), node);
    }

    /** The block at the offset. */
    static byte[] of(MemorySegment segment, long offset, long timeNs, String source, String node) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(line)) {
            new JournalLine(segment, offset).write(json, timeNs, source, node);
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
        line.write('\n');
        return line.toByteArray();
    }

    private void write(JsonGenerator json, long timeNs, String source, String node) throws IOException {
        json.writeStartObject();
        json.writeStringField("time", EpochNanos.format(timeNs));
        json.writeStringField("node", node);
        json.writeStringField("source", source);
        writeMessage(json);
        writeRecord(json);
        writeFields(json);
        json.writeEndObject();
    }

    private void writeMessage(JsonGenerator json) throws IOException {
        List<byte[]> message = fields.get(JournalExportBlockDescriptor.MESSAGE);
        if (message != null) {
            json.writeFieldName("message");
            writeValue(json, message.getFirst());
        }
    }

    private void writeRecord(JsonGenerator json) throws IOException {
        List<byte[]> stored = fields.get(JournalExportBlockDescriptor.JSON);
        if (stored == null) {
            return;
        }
        String text = strictUtf8(stored.getFirst());
        json.writeFieldName("record");
        if (text != null && isJson(text)) {
            // Line feeds of valid JSON stand between tokens only: a space means the same and keeps the line one line.
            json.writeRawValue(text.replace('\n', ' ').replace('\r', ' '));
        } else {
            writeValue(json, stored.getFirst());
        }
    }

    private void writeFields(JsonGenerator json) throws IOException {
        json.writeObjectFieldStart("fields");
        for (Map.Entry<String, List<byte[]>> field : fields.entrySet()) {
            if (!TOLD_ELSEWHERE.contains(field.getKey())) {
                json.writeFieldName(field.getKey());
                writeValues(json, field.getValue());
            }
        }
        json.writeEndObject();
    }

    private static void writeValues(JsonGenerator json, List<byte[]> values) throws IOException {
        if (values.size() == 1) {
            writeValue(json, values.getFirst());
            return;
        }
        json.writeStartArray();
        for (byte[] value : values) {
            writeValue(json, value);
        }
        json.writeEndArray();
    }

    private static void writeValue(JsonGenerator json, byte[] value) throws IOException {
        String text = strictUtf8(value);
        if (text != null) {
            json.writeString(text);
        } else {
            json.writeStartObject();
            json.writeStringField("base64", Base64.getEncoder().encodeToString(value));
            json.writeEndObject();
        }
    }

    /** Null where the bytes are no UTF-8. */
    private static @Nullable String strictUtf8(byte[] value) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
        } catch (CharacterCodingException notText) {
            return null;
        }
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException notJson) {
            return false;
        }
    }
}
