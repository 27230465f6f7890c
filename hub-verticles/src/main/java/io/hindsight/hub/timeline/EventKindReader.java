package io.hindsight.hub.timeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.pcapng.JournalEntryReader;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells the kind of a journal entry by the first fields of its record, and reads no further. Kubernetes' own event objects, each of which says that something
 * happened, are told by type and reason; all other objects by what was done to them. An entry that is not what its source writes is of the kind
 * {@code other}. One thread at a time: it keeps a buffer.
 */
final class EventKindReader {
    private static final String REASON_FIELD = "K8S_REASON";
    private static final String TYPE_FIELD = "K8S_TYPE";
    private static final String EVENT_RESOURCE = "Event";
    private static final String WARNING = "Warning";
    private static final Pattern REASON = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");
    private static final byte[] LEADING_KIND = "{\"kind\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final MemorySegment LEADING_KIND_SEGMENT = MemorySegment.ofArray(LEADING_KIND);
    private static final int MAX_KIND_LENGTH = 16;
    private static final Set<String> OS_KINDS =
            names(EnumSet.complementOf(EnumSet.of(OsEvent.Kind.PROCESS, OsEvent.Kind.SOCKET, OsEvent.Kind.CHECKPOINT)));
    private static final Set<String> KUBERNETES_KINDS =
            names(EnumSet.complementOf(EnumSet.of(KubernetesChange.Kind.KNOWN, KubernetesChange.Kind.CHECKPOINT)));
    private static final Set<String> CHECKPOINT_KINDS =
            names(EnumSet.of(OsEvent.Kind.PROCESS, OsEvent.Kind.SOCKET, OsEvent.Kind.CHECKPOINT));
    private static final JsonFactory JSON = new JsonFactory();

    private byte[] buffer = new byte[4 << 10];

    private static <E extends Enum<E>> Set<String> names(EnumSet<E> kinds) {
        return kinds.stream().map(Enum::name).collect(Collectors.toUnmodifiableSet());
    }

    /** What the first fields of a record say. */
    private static final class Summary {
        @Nullable String kind;
        @Nullable String resource;
        @Nullable String type;
        @Nullable String reason;

        boolean isEnough(ChunkSource source) {
            boolean isEvent = EVENT_RESOURCE.equals(resource);
            return kind != null
                    && (source == ChunkSource.OS
                            || (resource != null && (!isEvent || (type != null && reason != null))));
        }
    }

    /** The kind of the entry at the offset, with its source in front; empty where it is part of a checkpoint. */
    Optional<String> kind(MemorySegment segment, long block, ChunkSource source) {
        JournalEntryReader fields = new JournalEntryReader(segment, block);
        Summary summary = new Summary();
        boolean read = false;
        String reason = null;
        String type = null;
        while (fields.next()) {
            if (fields.isNamed(JournalExportBlockDescriptor.CHECKPOINT)) {
                return Optional.empty();
            } else if (!read && fields.isNamed(JournalExportBlockDescriptor.JSON)) {
                read = true;
                read(fields.valueBytes(), source, summary);
            } else if (reason == null && fields.isNamed(REASON_FIELD)) {
                reason = fields.value();
            } else if (type == null && fields.isNamed(TYPE_FIELD)) {
                type = fields.value();
            }
        }
        // Of an event object that was changed the record has only what is another now: the fields beside it say the
        // rest.
        summary.reason = summary.reason == null ? reason : summary.reason;
        summary.type = summary.type == null ? type : summary.type;
        return name(source, summary);
    }

    private void read(MemorySegment json, ChunkSource source, Summary summary) {
        summary.kind = leadingKind(json);
        if (summary.isEnough(source) || json.byteSize() > EventEntry.MAX_JSON_LENGTH) {
            return;
        }
        int length = (int) json.byteSize();
        if (length > buffer.length) {
            buffer = new byte[Integer.highestOneBit(length) * 2];
        }
        MemorySegment.copy(json, ValueLayout.JAVA_BYTE, 0, buffer, 0, length);
        try (JsonParser parser = JSON.createParser(buffer, 0, length)) {
            skim(parser, source, summary);
        } catch (IOException notJson) {
            // What was found before counts.
            summary.resource = summary.resource == null ? "" : summary.resource;
        }
    }

    /** The kind where it stands first, as this project's own sources write it: then no parser is needed; null where it does not. */
    private static @Nullable String leadingKind(MemorySegment json) {
        if (json.byteSize() < LEADING_KIND.length
                || MemorySegment.mismatch(json, 0, LEADING_KIND.length, LEADING_KIND_SEGMENT, 0, LEADING_KIND.length)
                        >= 0) {
            return null;
        }
        StringBuilder kind = new StringBuilder(MAX_KIND_LENGTH);
        long end = Math.min(json.byteSize(), LEADING_KIND.length + MAX_KIND_LENGTH + 1);
        for (long at = LEADING_KIND.length; at < end; at++) {
            char next = (char) json.get(ValueLayout.JAVA_BYTE, at);
            if (next == '"') {
                return kind.toString();
            }
            kind.append(next);
        }
        return null;
    }

    private static void skim(JsonParser parser, ChunkSource source, Summary summary) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (!summary.isEnough(source) && parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "kind" -> summary.kind = text(parser, value);
                case "resource" -> summary.resource = text(parser, value);
                case "object", "patch" -> skimObject(parser, value, summary);
                default -> parser.skipChildren();
            }
        }
    }

    /** An object's own fields, where it is an event's. */
    private static void skimObject(JsonParser parser, JsonToken start, Summary summary) throws IOException {
        if (start != JsonToken.START_OBJECT || !EVENT_RESOURCE.equals(summary.resource)) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "type" -> summary.type = text(parser, value);
                case "reason" -> summary.reason = text(parser, value);
                default -> parser.skipChildren();
            }
        }
    }

    private static @Nullable String text(JsonParser parser, JsonToken value) throws IOException {
        if (value != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return null;
        }
        return parser.getText();
    }

    private static Optional<String> name(ChunkSource source, Summary summary) {
        String kind = String.valueOf(summary.kind);
        if (source == ChunkSource.OS) {
            return CHECKPOINT_KINDS.contains(kind)
                    ? Optional.empty()
                    : Optional.of("os." + (OS_KINDS.contains(kind) ? kind : "other"));
        }
        if (kind.equals(KubernetesChange.Kind.KNOWN.name()) || kind.equals(KubernetesChange.Kind.CHECKPOINT.name())) {
            return Optional.empty();
        }
        return Optional.of("kubernetes." + change(kind, summary));
    }

    private static String change(String kind, Summary summary) {
        if (!KUBERNETES_KINDS.contains(kind)) {
            return "other";
        }
        // That an old event object was removed is no news of what it told.
        if (!EVENT_RESOURCE.equals(summary.resource) || kind.equals(KubernetesChange.Kind.DELETED.name())) {
            return kind;
        }
        String reason = summary.reason;
        return "Event."
                + (WARNING.equals(summary.type) ? WARNING : "Normal")
                + "."
                + (reason != null && REASON.matcher(reason).matches() ? reason : "other");
    }
}
