package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.LittleEndian;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FORMAT.md is true, and enough: a program written from it alone agrees with Hindsight on what is intact. */
class FormatDocumentTest {
    private static final long TIME_NS = 1_700_000_000_123_456_789L;
    private static final ChunkFixtures NODE = ChunkFixtures.node("node-1");
    private static final int FORGERIES = 30;

    @TempDir private Path folder;

    @Test
    void shouldShowTheBytesOfARealChunk() throws IOException {
        byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
        byte[] chunk = NODE.packets(List.of(FixturePacket.ethernet("eth0", TIME_NS, hello)));

        assertThat(HexFormat.of().parseHex(hexDump())).isEqualTo(chunk);
    }

    @Test
    void shouldLetAnotherProgramCountEveryRecord() throws IOException {
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            chunks.add(NODE.sequence(i + 1).packets(packets(i)));
        }
        chunks.add(NODE.sequence(1).journal(ChunkSource.OS, entries()));
        byte[] file = ChunkFixtures.concatenate(chunks);

        JsonObject report = IndependentVerifier.chunks(Files.write(folder.resolve("file"), file));

        assertThat(report.getBoolean("intact")).as(report.encode()).isTrue();
        assertThat(report.getInteger("chunks")).isEqualTo(21);
        assertThat(report.getInteger("packets")).isEqualTo(190);
        assertThat(report.getInteger("records")).isEqualTo(3);
        assertThat(report.getInteger("bytes")).isEqualTo(file.length);
    }

    @Test
    void shouldLetAnotherProgramFindAFlippedBit() throws IOException {
        byte[] first = NODE.packets(packets(3));
        byte[] file = ChunkFixtures.concatenate(List.of(first, NODE.sequence(2).packets(packets(5))));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20; i++) {
            long bit = random.nextLong((long) file.length * Byte.SIZE);

            JsonObject report =
                    IndependentVerifier.chunks(Files.write(folder.resolve("file"), Mutations.flipBit(file, bit)));

            assertThat(report.getBoolean("intact")).as("bit " + bit).isFalse();
            JsonObject violation = report.getJsonArray("violations").getJsonObject(0);
            assertThat(violation.getInteger("offset"))
                    .as("bit " + bit)
                    .isEqualTo(bit / 8 < first.length ? 0 : first.length);
        }
    }

    /** Bodies that were damaged before they were sealed: checksums match, and only the rules of the format tell right from wrong. */
    @Test
    void shouldLetAnotherProgramJudgeForgedChunksAsHindsightDoes() throws IOException {
        int intact = 0;
        for (int seed = 1; seed <= FORGERIES; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] chunk = random.nextBoolean() ? NODE.packets(packets(4)) : NODE.journal(ChunkSource.OS, entries());
            byte[] forged = forge(chunk, random);
            boolean accepted = isAccepted(forged);
            intact += accepted ? 1 : 0;

            JsonObject report = IndependentVerifier.chunks(Files.write(folder.resolve("file"), forged));

            assertThat(report.getBoolean("intact")).as("seed " + seed + ": " + report).isEqualTo(accepted);
        }
        assertThat(intact).isBetween(1, FORGERIES - 1);
    }

    private static boolean isAccepted(byte[] chunk) {
        try {
            return ChunkVerifier.checkRecords(MemorySegment.ofArray(chunk), 0).lengthBytes() == chunk.length;
        } catch (HindsightException refused) {
            return false;
        }
    }

    private static byte[] forge(byte[] chunk, SplittableRandom random) {
        MemorySegment original = MemorySegment.ofArray(chunk);
        ChunkHeader header = ChunkVerifier.checkRecords(original, 0);
        int body = (int) ChunkVerifier.bodyOffset(original, 0);
        byte[] mutated = Mutations.mutate(original.asSlice(body).toArray(LittleEndian.U8), random);
        byte[] forged = new byte[body + BlockDescriptor.align(mutated.length)];
        System.arraycopy(mutated, 0, forged, body, mutated.length);
        MemorySegment segment = MemorySegment.ofArray(forged);
        new ChunkHeaderCodec(new NodeId("node-1"), "hindsight test")
                .write(
                        segment,
                        0,
                        new ChunkHeader(
                                header.source(),
                                header.flags(),
                                header.writer(),
                                header.recordCount(),
                                header.nodeIdHash(),
                                header.sequence(),
                                header.firstTimestampNs(),
                                header.lastTimestampNs(),
                                header.drops(),
                                Crc32c.of(segment.asSlice(body)),
                                forged.length));
        return forged;
    }

    private static String hexDump() throws IOException {
        String document = Files.readString(IndependentVerifier.document("FORMAT.md"));
        String dump = document.split("```hexdump\n", -1)[1].split("```", -1)[0];
        return Pattern.compile("(?m)^[0-9a-f]{8}  ([0-9a-f ]+)$")
                .matcher(dump)
                .results()
                .map((MatchResult line) -> line.group(1).replace(" ", ""))
                .collect(Collectors.joining());
    }

    private static List<FixturePacket> packets(int count) {
        List<FixturePacket> packets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            packets.add(FixturePacket.ethernet("eth" + i % 2, TIME_NS + i, new byte[20 + i]));
        }
        return packets;
    }

    private static List<FixtureEntry> entries() {
        return List.of(
                FixtureEntry.of(TIME_NS, "one"),
                FixtureEntry.of(TIME_NS + 1, "two\nlines"),
                new FixtureEntry(TIME_NS + 2, Map.of("OS_COMM", "curl", "MESSAGE", "")));
    }
}
