package io.hindsight.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Events as the JSON of a journal entry, and back. FORMAT.md, section 2, tells the fields beside it. Stateless, thread-safe.
 */
public final class EventEntry {
    /** The longest JSON that is read: no slot of an event ring is longer. */
    public static final int MAX_JSON_LENGTH = 1 << 20;

    private static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .addModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    // Of records; a null within a merge patch says that a member went.
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                    .build();
    private static final ObjectWriter WRITER = MAPPER.writer();
    private static final ObjectReader OS = MAPPER.readerFor(OsEvent.class);
    private static final ObjectReader KUBERNETES = MAPPER.readerFor(KubernetesChange.class);

    private EventEntry() {}

    /** The record as JSON in UTF-8. */
    public static byte[] json(Record event) {
        try {
            return WRITER.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new HindsightException(ErrorCode.INTERNAL, "An event cannot be written as JSON.", e);
        }
    }

    /**
     * The operating-system event of the Journal Export Block at the offset.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it holds none
     */
    public static OsEvent osEvent(MemorySegment segment, long block) {
        return read(segment, block, OsEvent.class, OS);
    }

    /**
     * The change of a Kubernetes object of the Journal Export Block at the offset.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it holds none
     */
    public static KubernetesChange kubernetesChange(MemorySegment segment, long block) {
        return read(segment, block, KubernetesChange.class, KUBERNETES);
    }

    private static <T> T read(MemorySegment segment, long block, Class<T> type, ObjectReader reader) {
        JournalEntryReader fields = new JournalEntryReader(segment, block);
        while (fields.next()) {
            if (fields.isNamed(JournalExportBlockDescriptor.JSON)) {
                return type.cast(parse(fields.valueBytes(), block, reader));
            }
        }
        throw broken(block, "it has no field " + JournalExportBlockDescriptor.JSON, null);
    }

    private static Object parse(MemorySegment json, long block, ObjectReader reader) {
        if (json.byteSize() > MAX_JSON_LENGTH) {
            throw broken(block, "its JSON has bytes=" + json.byteSize() + ", limit=" + MAX_JSON_LENGTH, null);
        }
        Object event;
        try {
            event = reader.readValue(json.toArray(ValueLayout.JAVA_BYTE));
        } catch (IOException e) {
            throw broken(block, "its JSON is not what its source writes", e);
        }
        if (event == null) {
            throw broken(block, "its JSON is null", null);
        }
        return event;
    }

    private static HindsightException broken(long block, String what, @Nullable Throwable cause) {
        String message = "No event at offset=" + block + ": " + what + ".";
        return cause == null
                ? new HindsightException(ErrorCode.INTEGRITY_VIOLATED, message)
                : new HindsightException(ErrorCode.INTEGRITY_VIOLATED, message, cause);
    }
}
