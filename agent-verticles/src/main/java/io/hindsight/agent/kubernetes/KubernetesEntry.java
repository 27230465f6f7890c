package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.KubernetesObject.map;
import static io.hindsight.agent.kubernetes.KubernetesObject.text;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.JournalEntryWriter;
import io.hindsight.pcapng.JournalExportBlockDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Changes as journal entries; FORMAT.md, section 2.2, is about what is written here. Not thread-safe. */
final class KubernetesEntry {
    static final String IDENTIFIER = "hindsight-kubernetes";
    static final String KIND = "K8S_KIND";
    static final String NAMESPACE = "K8S_NAMESPACE";
    static final String NAME = "K8S_NAME";
    static final String UID = "K8S_UID";
    static final String REASON = "K8S_REASON";
    static final String TYPE = "K8S_TYPE";
    static final String INVOLVED = "K8S_INVOLVED";
    static final String CHANGE = "K8S_CHANGE";
    static final String SHORTENED = "K8S_SHORTENED";
    static final String CHECKPOINT = "HINDSIGHT_CHECKPOINT";

    /** Characters of a message, and of any other value beside the JSON. */
    static final int MAX_TEXT_LENGTH = 1_000;

    /** What a message tells of a change, at most. */
    private static final int MAX_CHANGED = 4;

    private static final int SHORTEST_BLOCK = 1_024;
    private static final int INFO = 6;
    private static final int WARNING = 4;
    private static final int DEBUG = 7;

    private final int maxEntryLength;
    private final JournalEntryWriter writer;
    private int length;

    KubernetesEntry(int maxEntryLength) {
        this.maxEntryLength = maxEntryLength;
        int block = maxEntryLength + BlockDescriptor.MIN_LENGTH + BlockDescriptor.ALIGNMENT;
        this.writer = new JournalEntryWriter(Math.max(SHORTEST_BLOCK, block));
    }

    /**
     * The entry.
     *
     * @param object the object, for what is told beside the JSON: of an event its reason and message; null of a checkpoint's first and last record
     * @param wholeLength 0, or the length of the entry in place of which this short one is written
     * @return null where it is longer than an entry may be; {@link #length} is its length then too
     */
    byte @Nullable [] of(KubernetesChange change, @Nullable Map<String, Object> object, int wholeLength) {
        byte[] json = EventEntry.json(change);
        length = json.length;
        if (length > maxEntryLength) {
            return null;
        }
        boolean event = object != null && change.resource().equals(ResourceKind.EVENT.kind());
        writer.begin(change.receivedNs());
        field(JournalExportBlockDescriptor.MESSAGE, message(change, object, event, wholeLength));
        writer.field(JournalExportBlockDescriptor.PRIORITY, priority(change, object, event));
        field(JournalExportBlockDescriptor.SYSLOG_IDENTIFIER, IDENTIFIER);
        field(KIND, change.resource());
        optional(NAMESPACE, change.namespace());
        optional(NAME, change.name());
        optional(UID, change.uid());
        if (object != null && event) {
            optional(REASON, text(object, "reason"));
            optional(TYPE, text(object, "type"));
            optional(INVOLVED, involved(object));
        }
        if (change.kind() != KubernetesChange.Kind.CHECKPOINT) {
            field(CHANGE, change.kind().name().toLowerCase(Locale.ROOT));
        }
        if (change.checkpoint() != null) {
            field(CHECKPOINT, change.checkpoint().name().toLowerCase(Locale.ROOT));
        }
        if (wholeLength > 0) {
            writer.field(SHORTENED, wholeLength);
        }
        writer.field(JournalExportBlockDescriptor.JSON, new String(json, StandardCharsets.UTF_8));
        if (writer.isOversize()) {
            return null;
        }
        byte[] entry = writer.toEntry();
        length = entry.length;
        return entry.length > maxEntryLength ? null : entry;
    }

    /** About how long the last entry was or would have been. */
    int length() {
        return length;
    }

    private static int priority(KubernetesChange change, @Nullable Map<String, Object> object, boolean event) {
        if (change.checkpoint() != null) {
            return DEBUG;
        }
        return event && object != null && text(object, "type").equals("Warning") ? WARNING : INFO;
    }

    private static String message(
            KubernetesChange change, @Nullable Map<String, Object> object, boolean event, int wholeLength) {
        String sentence = event && object != null ? occurrence(object) : sentence(change);
        return wholeLength == 0 ? sentence : sentence + " (stored in short; whole it had " + wholeLength + " bytes)";
    }

    private static String sentence(KubernetesChange change) {
        String what = change.resource() + " " + path(change.namespace(), change.name());
        return switch (change.kind()) {
            case ADDED -> what + " was created";
            case MODIFIED -> what + " was changed" + changed(change.patch());
            case DELETED -> what + " was deleted";
            case KNOWN -> what + " is there";
            case CHECKPOINT ->
                    change.checkpoint() == CheckpointPart.BEGIN
                            ? "A checkpoint begins: " + change.count() + " objects are known"
                            : "The checkpoint ends after " + change.count() + " objects";
        };
    }

    /** {@code BackOff: Back-off restarting failed container (Pod shop/cart)}. */
    private static String occurrence(Map<String, Object> event) {
        String involved = involved(event);
        return text(event, "reason") + ": " + text(event, "note") + (involved.isEmpty() ? "" : " (" + involved + ")");
    }

    private static String involved(Map<String, Object> event) {
        Map<String, Object> regarding = map(event, "regarding");
        String kind = text(regarding, "kind");
        return kind.isEmpty() ? "" : kind + " " + path(text(regarding, "namespace"), text(regarding, "name"));
    }

    private static String path(@Nullable String namespace, @Nullable String name) {
        return namespace == null || namespace.isEmpty() ? String.valueOf(name) : namespace + "/" + name;
    }

    /** {@code : status.phase, status.podIP}. */
    private static String changed(@Nullable Map<String, Object> patch) {
        List<String> names = new ArrayList<>();
        if (patch != null) {
            patch.forEach((member, value) -> {
                if (value instanceof Map<?, ?> inside && !inside.isEmpty()) {
                    inside.keySet().forEach(name -> names.add(member + "." + name));
                } else {
                    names.add(member);
                }
            });
        }
        names.remove("metadata.resourceVersion");
        if (names.isEmpty()) {
            return "";
        }
        boolean more = names.size() > MAX_CHANGED;
        return ": " + String.join(", ", more ? names.subList(0, MAX_CHANGED) : names) + (more ? ", …" : "");
    }

    private void optional(String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            field(name, value);
        }
    }

    /** On one line, so that it stays text that tools filter by, and bounded: others choose it. */
    private void field(String name, String value) {
        String cut = value.length() > MAX_TEXT_LENGTH ? value.substring(0, MAX_TEXT_LENGTH) + "…" : value;
        writer.field(name, cut.replaceAll("\\p{Cntrl}+", " ").strip());
    }
}
