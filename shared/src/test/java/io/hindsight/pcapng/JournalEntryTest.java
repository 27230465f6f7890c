package io.hindsight.pcapng;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.HindsightException;
import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JournalEntryTest {
    private static final int MAX_LENGTH = 64 << 10;

    private final JournalEntryWriter writer = new JournalEntryWriter(MAX_LENGTH);

    @Property(tries = 300)
    void shouldReadEveryFieldThatWasWritten(@ForAll long timestampNs, @ForAll("fields") Map<String, String> fields) {
        writer.begin(timestampNs);
        fields.forEach(writer::field);
        MemorySegment block = block();

        Map<String, String> read = new JournalEntryReader(block, 0).fields();

        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("__REALTIME_TIMESTAMP", Long.toString(Math.max(0, Math.floorDiv(timestampNs, 1_000))));
        expected.put("HINDSIGHT_TIME_NS", Long.toString(timestampNs));
        expected.putAll(fields);
        assertThat(read).containsExactlyEntriesOf(expected);
        assertThat(Records.timestampNs(block, 0, JournalExportBlockDescriptor.TYPE)).isEqualTo(timestampNs);
    }

    @Property(tries = 100)
    void shouldKeepBytesThatAreNoText(@ForAll byte[] value) {
        writer.begin(1).field("HINDSIGHT_RAW", value).field("AFTER", "ok");

        JournalEntryReader fields = new JournalEntryReader(block(), 0);

        while (fields.next() && !fields.isNamed("HINDSIGHT_RAW")) {
            // The times stand before it.
        }
        assertThat(fields.name()).isEqualTo("HINDSIGHT_RAW");
        assertThat(fields.valueBytes().toArray(LittleEndian.U8)).isEqualTo(value);
        assertThat(fields.next()).isTrue();
        assertThat(fields.value()).isEqualTo("ok");
        assertThat(fields.next()).isFalse();
    }

    @Property(tries = 2_000)
    void shouldRefuseOrReadAMutatedEntry(@ForAll long seed) {
        writer.begin(1_700_000_000_123_456_789L)
                .field("MESSAGE", "oom: \u00e9\n killed")
                .field("PRIORITY", 3)
                .field("HINDSIGHT_JSON", "{\"pid\":1}");
        MemorySegment mutated =
                MemorySegment.ofArray(Mutations.mutate(block().toArray(LittleEndian.U8), new Random(seed)));

        HostileInput.isRefused(() -> {
            BlockCursor blocks = new BlockCursor(mutated, 0, mutated.byteSize());
            while (blocks.next()) {
                assertThat(new JournalEntryReader(mutated, blocks.offset()).fields()).isNotNull();
                JournalEntryReader.timestampNs(mutated, blocks.offset());
            }
        });
    }

    @Test
    void shouldNotLetAValueStartAFieldOfItsOwn() {
        writer.begin(5).field("MESSAGE", "x\nHINDSIGHT_TIME_NS=6");

        assertThat(new JournalEntryReader(block(), 0).fields())
                .containsEntry("HINDSIGHT_TIME_NS", "5")
                .containsEntry("MESSAGE", "x\nHINDSIGHT_TIME_NS=6");
    }

    @Test
    void shouldTakeTheMicrosecondTimeOfAnotherProgramsEntry() {
        MemorySegment block = foreign("MESSAGE=hello\n__REALTIME_TIMESTAMP=1700000000123456\n_PID=1\n");

        assertThat(JournalEntryReader.timestampNs(block, 0)).isEqualTo(1_700_000_000_123_456_000L);
    }

    @Test
    void shouldRefuseAnEntryWithoutATime() {
        MemorySegment block = foreign("MESSAGE=hello\n");

        assertThatThrownBy(() -> JournalEntryReader.timestampNs(block, 0))
                .isInstanceOf(HindsightException.class)
                .hasMessageContaining("offset=0");
    }

    @Test
    void shouldRefuseTimesBeyond64Bits() {
        for (String time : new String[] {"9223372036854775808", "-9223372036854775809", "", "-", "1e3", "+1"}) {
            MemorySegment block = foreign("HINDSIGHT_TIME_NS=" + time + "\n");

            assertThat(HostileInput.isRefused(() -> JournalEntryReader.timestampNs(block, 0))).as(time).isTrue();
        }
    }

    @Test
    void shouldReadTheEarliestAndTheLatestTime() {
        for (long time : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1}) {
            writer.begin(time);

            assertThat(JournalEntryReader.timestampNs(block(), 0)).isEqualTo(time);
        }
    }

    @Test
    void shouldRefuseAnEntryWithTooManyFields() {
        MemorySegment block = foreign("A=\n".repeat(JournalEntryReader.MAX_FIELDS + 1));

        assertThat(HostileInput.isRefused(() -> new JournalEntryReader(block, 0).fields())).isTrue();
    }

    @Test
    void shouldSayThatAnEntryIsOversizeAndRecover() {
        writer.begin(1).field("HINDSIGHT_JSON", "x".repeat(MAX_LENGTH)).field("MESSAGE", "short");

        assertThat(writer.isOversize()).isTrue();
        assertThat(writer.blockLength()).isLessThanOrEqualTo(MAX_LENGTH);
        assertThatThrownBy(this::block).isInstanceOf(IllegalStateException.class);

        writer.begin(2);
        assertThat(writer.isOversize()).isFalse();
        assertThat(JournalEntryReader.timestampNs(block(), 0)).isEqualTo(2);
    }

    @Test
    void shouldRefuseNamesThatSystemdWouldRefuse() {
        writer.begin(1);

        for (String name : new String[] {"", "lower", "1ST", "A=B", "A\nB", "É", "A".repeat(65)}) {
            assertThatThrownBy(() -> writer.field(name, "v")).as(name).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private MemorySegment block() {
        MemorySegment block = MemorySegment.ofArray(new byte[writer.blockLength()]);
        assertThat(writer.writeTo(block, 0)).isEqualTo(writer.blockLength());
        return block;
    }

    private static MemorySegment foreign(String entry) {
        byte[] bytes = entry.getBytes(StandardCharsets.UTF_8);
        MemorySegment block =
                MemorySegment.ofArray(new byte[BlockDescriptor.MIN_LENGTH + BlockDescriptor.align(bytes.length)]);
        BlockWriter.begin(block, 0, JournalExportBlockDescriptor.TYPE).padded(bytes).end();
        return block;
    }

    @Provide
    Arbitrary<Map<String, String>> fields() {
        Arbitrary<String> names =
                Arbitraries.strings().withCharRange('A', 'Z').withChars('_').ofMinLength(1).ofMaxLength(64);
        Arbitrary<String> values = Arbitraries.strings().withCharRange('\0', '\uD7FF').ofMaxLength(60);
        return Arbitraries.maps(names, values).ofMaxSize(12);
    }
}
