package io.hindsight.hub.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.chunk.ChunkSource;
import io.hindsight.pcapng.JournalEntryWriter;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventKindReaderTest {
    private static final String NONE = "NONE";

    private static String kind(ChunkSource source, Map<String, String> fields) {
        JournalEntryWriter writer = new JournalEntryWriter(1 << 20);
        writer.begin(7);
        fields.forEach(writer::field);
        MemorySegment block = MemorySegment.ofArray(new byte[writer.blockLength()]);
        writer.writeTo(block, 0);
        return new EventKindReader().kind(block, 0, source).orElse(NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "OS | {\"kind\":\"EXEC\",\"timeNs\":7} | os.EXEC",
                "OS | {\"timeNs\":7, \"process\":{\"kind\":\"no\"}, \"kind\": \"OOM_KILL\"} | os.OOM_KILL",
                "OS | {\"kind\":\"SOMETHING_OF_A_LATER_VERSION\"} | os.other",
                "OS | {\"kind\":\"PROCESS\"} | NONE",
                "OS | {\"kind\":\"SOCKET\"} | NONE",
                "OS | {\"kind\":\"CHECKPOINT\"} | NONE",
                "OS | {\"kind\":\"EXEC | os.other",
                "OS | {\"kind\":7} | os.other",
                "OS | [] | os.other",
                "OS | nonsense | os.other",
                "KUBERNETES | {\"kind\":\"KNOWN\",\"resource\":\"Pod\"} | NONE",
                "KUBERNETES | {\"kind\":\"CHECKPOINT\"} | NONE",
                "KUBERNETES | {\"kind\":\"ADDED\",\"resource\":\"Pod\",\"object\":{\"type\":\"Warning\"}} | kubernetes.ADDED",
                "KUBERNETES | {\"kind\":\"EXEC\",\"resource\":\"Pod\"} | kubernetes.other",
                "KUBERNETES | {\"kind\":\"ADDED\",\"resource\":\"Event\",\"object\":{\"x\":{\"reason\":\"No\"},\"reason\":\"Pulled\",\"type\":\"Normal\"}} | kubernetes.Event.Normal.Pulled",
                "KUBERNETES | {\"kind\":\"MODIFIED\",\"resource\":\"Event\",\"patch\":{\"count\":2}} | kubernetes.Event.Normal.other",
                "KUBERNETES | {\"kind\":\"DELETED\",\"resource\":\"Event\",\"object\":{\"reason\":\"Pulled\"}} | kubernetes.DELETED",
                "KUBERNETES | {\"kind\":\"ADDED\",\"resource\":\"Event\",\"object\":{\"reason\":\"<script>\",\"type\":\"Warning\"}} | kubernetes.Event.Warning.other",
                "KUBERNETES | {\"kind\":\"ADDED\",\"resource\":\"Event\",\"object\":{\"reason\":\"Cut\",\"type\":\"Warni | kubernetes.Event.Normal.Cut"
            })
    void shouldTellTheKind(ChunkSource source, String json, String expected) {
        assertThat(kind(source, Map.of("HINDSIGHT_JSON", json))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "Warning, kubernetes.Event.Warning.BackOff",
        "Normal, kubernetes.Event.Normal.BackOff",
        "Odd, kubernetes.Event.Normal.BackOff"
    })
    void shouldTakeFromTheFieldsWhatAPatchDoesNotSay(String type, String expected) {
        String json = "{\"kind\":\"MODIFIED\",\"resource\":\"Event\",\"patch\":{\"count\":2}}";

        assertThat(
                        kind(
                                ChunkSource.KUBERNETES,
                                Map.of("HINDSIGHT_JSON", json, "K8S_REASON", "BackOff", "K8S_TYPE", type)))
                .isEqualTo(expected);
        assertThat(kind(ChunkSource.KUBERNETES, Map.of("HINDSIGHT_JSON", json, "HINDSIGHT_CHECKPOINT", "ENTRY")))
                .isEqualTo(NONE);
    }
}
