package io.hindsight.hub.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyReport;
import io.hindsight.api.CustodyReport.Kind;
import io.hindsight.testing.IndependentVerifier;
import io.hindsight.testing.Mutations;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is done to the lines of a log is found, by Hindsight and by a program that shares no code with it. */
class CustodyVerifierTest {
    private static final int LINES = 9;
    private static final int CASES = 300;

    @TempDir private Path volume = Path.of("");

    private LogFixture fixture;
    private List<String> lines = List.of();
    private int copies;

    @BeforeEach
    void write() {
        fixture = new LogFixture(volume);
        fixture.write(LINES);
        lines = LogFixture.lines(fixture.file());
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    /** A file of its own with the log's name. */
    private Path copy(byte[] content) throws IOException {
        Path folder = Files.createDirectory(volume.resolve("copy-" + copies++));
        return Files.write(folder.resolve(fixture.file().getFileName()), content);
    }

    private CustodyReport.Fault fault(List<String> changed) throws IOException {
        Path file = copy(LogFixture.joined(changed).getBytes(StandardCharsets.UTF_8));
        CustodyReport report = CustodyVerifier.verify(file);
        JsonObject independent = IndependentVerifier.custody(file);
        assertThat(report.intact()).isFalse();
        CustodyReport.Fault fault = Objects.requireNonNull(report.fault());
        JsonObject same = independent.getJsonArray("violations").getJsonObject(0);
        assertThat(same.getString("kind")).isEqualTo(fault.kind().name());
        assertThat(same.getLong("line")).isEqualTo(fault.line());
        return fault;
    }

    private void assertFault(List<String> changed, Kind kind, int line) throws IOException {
        CustodyReport.Fault fault = fault(changed);
        assertThat(fault.kind()).as(fault.detail()).isEqualTo(kind);
        assertThat(fault.line()).as(fault.detail()).isEqualTo(line);
    }

    private List<String> changed() {
        return new ArrayList<>(lines);
    }

    @Test
    void shouldFindASoundLogIntact() {
        CustodyReport report = CustodyVerifier.verify(volume);
        assertThat(report.fault()).isNull();
        assertThat(report.lines()).isEqualTo(LINES);
        assertThat(report.last()).isEqualTo(LINES);
        assertThat(CustodyVerifier.verify(fixture.file()).intact()).isTrue();
        JsonObject independent = IndependentVerifier.custody(fixture.folder());
        assertThat(independent.getString("digest")).isEqualTo(report.digest());
        assertThat(independent.getBoolean("intact")).isTrue();
        assertThat(IndependentVerifier.custody(fixture.file()).getBoolean("intact")).isTrue();
    }

    @Test
    void shouldSayWhatHappenedToTheFirstBrokenLine() throws IOException {
        List<String> edited = changed();
        edited.set(3, edited.get(3).replace("alice", "mallory"));
        assertFault(edited, Kind.CHANGED, 4);

        List<String> removed = changed();
        removed.remove(3);
        assertFault(removed, Kind.REMOVED, 4);

        List<String> beginning = changed();
        beginning.removeFirst();
        assertFault(beginning, Kind.REMOVED, 1);

        List<String> swapped = changed();
        Collections.swap(swapped, 3, 4);
        assertFault(swapped, Kind.REORDERED, 4);

        List<String> moved = changed();
        moved.add(7, moved.remove(3));
        assertFault(moved, Kind.REORDERED, 4);

        List<String> doubled = changed();
        doubled.add(6, doubled.get(2));
        assertFault(doubled, Kind.INSERTED, 7);
    }

    @Test
    void shouldFindLinesThatSomebodyMadeWithADigestOfTheirOwn() throws IOException {
        String foreign = forged(new CustodyAnchor(3, "f".repeat(64)));
        List<String> inserted = changed();
        inserted.add(3, foreign);
        assertFault(inserted, Kind.INSERTED, 4);

        List<String> replaced = changed();
        replaced.set(3, forged(new CustodyAnchor(3, digest(lines.get(2)))));
        assertFault(replaced, Kind.CHANGED, 5);
    }

    private static String digest(String line) {
        return new JsonObject(line).getString("digest");
    }

    private static String forged(CustodyAnchor before) {
        byte[] line = CustodyLine.encode(LogFixture.event("forged"), Instant.EPOCH, before);
        return new String(line, 0, line.length - 1, StandardCharsets.UTF_8);
    }

    @Test
    void shouldFindWhatIsMissingAtTheEnd() throws IOException {
        Path file = fixture.file();
        String whole = LogFixture.text(file);

        Files.writeString(file, LogFixture.joined(lines.subList(0, LINES - 2)));
        CustodyReport cut = CustodyVerifier.verify(volume);
        assertThat(Objects.requireNonNull(cut.fault()).kind()).isEqualTo(Kind.REMOVED);
        assertThat(cut.fault().detail()).contains("sequence=" + LINES);
        assertThat(IndependentVerifier.custody(fixture.folder()).getBoolean("intact")).isFalse();

        Files.writeString(file, whole.substring(0, whole.length() - 5));
        CustodyReport torn = CustodyVerifier.verify(volume);
        assertThat(Objects.requireNonNull(torn.fault()).kind()).isEqualTo(Kind.CUT_OFF);
        assertThat(IndependentVerifier.custody(fixture.folder()).getBoolean("intact")).isFalse();

        Files.delete(file);
        assertThat(CustodyVerifier.verify(volume).intact()).isFalse();
        assertThat(IndependentVerifier.custody(fixture.folder()).getBoolean("intact")).isFalse();
    }

    /** Random strokes on bytes and lines: a file that differs is never intact, but where it only lacks whole lines at its end. */
    @Test
    void shouldFindEveryRandomChange() throws IOException {
        long seed = Long.getLong("hindsight.seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] sound = Files.readAllBytes(fixture.file());
        List<Path> files = new ArrayList<>();
        List<Boolean> expected = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            byte[] mutated = i % 2 == 0 ? shuffled(random) : Mutations.mutate(sound, random);
            files.add(copy(mutated));
            expected.add(isBeginningOf(sound, mutated));
        }
        List<Boolean> found = files.stream().map(file -> CustodyVerifier.verify(file).intact()).toList();
        List<Boolean> independent =
                IndependentVerifier.custodies(files).stream().map(report -> report.getBoolean("intact")).toList();
        assertThat(found).as("seed=" + seed).isEqualTo(expected);
        assertThat(independent).as("seed=" + seed).isEqualTo(expected);
    }

    private byte[] shuffled(Random random) {
        List<String> shuffled = changed();
        for (int strokes = random.nextInt(1, 3); strokes > 0 && !shuffled.isEmpty(); strokes--) {
            int at = random.nextInt(shuffled.size());
            switch (random.nextInt(4)) {
                case 0 -> shuffled.remove(at);
                case 1 -> shuffled.add(at, shuffled.get(random.nextInt(shuffled.size())));
                case 2 -> Collections.swap(shuffled, at, random.nextInt(shuffled.size()));
                default -> shuffled.set(at, shuffled.get(at).replace("alice", "bob"));
            }
        }
        return LogFixture.joined(shuffled).getBytes(StandardCharsets.UTF_8);
    }

    /** Whether it is the log, or whole lines of its beginning: in a single file no head says how many there were. */
    private static boolean isBeginningOf(byte[] sound, byte[] mutated) {
        String whole = new String(sound, StandardCharsets.ISO_8859_1);
        String part = new String(mutated, StandardCharsets.ISO_8859_1);
        return whole.startsWith(part) && (part.isEmpty() || part.endsWith("\n"));
    }

    @Test
    void shouldNotMindWhatARunningHubHasNotFinished() throws IOException {
        Path file = fixture.file();
        Files.writeString(file, LogFixture.text(file) + "{\"sequence\":10,\"ti");
        assertThat(CustodyVerifier.verify(volume).intact()).isTrue();
        assertThat(IndependentVerifier.custody(fixture.folder()).getBoolean("intact")).isTrue();
    }
}
