package io.hindsight.hub.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.CustodyQuery;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ChannelOpener;
import io.hindsight.hub.testing.FaultyChannel;
import io.hindsight.hub.testing.FaultyChannel.Faults;
import io.hindsight.testing.IndependentVerifier;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log as it is written: by one Hub, on disks that fail, cut off by a kill anywhere. */
class CustodyLogTest {
    @TempDir private Path volume = Path.of("");

    private LogFixture fixture;

    @BeforeEach
    void start() {
        fixture = new LogFixture(volume);
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    private void assertIntact(long lines) {
        assertThat(CustodyVerifier.verify(volume))
                .satisfies(report -> {
                    assertThat(report.fault()).isNull();
                    assertThat(report.last()).isEqualTo(lines);
                });
        assertThat(IndependentVerifier.custody(fixture.folder()).getBoolean("intact")).isTrue();
    }

    private static HindsightException refusal(Future<?> append) {
        try {
            append.await();
        } catch (HindsightException refused) {
            return refused;
        }
        throw new AssertionError("It was recorded.");
    }

    private static CustodyPage page(CustodyLog log, @Nullable Long before, int limit) {
        CustodyQuery query = new CustodyQuery(null, null, null, null, null, before, limit);
        return new CustodyReader(log.folder(), query).page(log.last());
    }

    @Test
    void shouldGoOnWhereAnEarlierHubEnded() {
        fixture.write(3);
        List<CustodyEntry> later = fixture.write(2);
        assertThat(later).extracting(CustodyEntry::sequence).containsExactly(4L, 5L);
        assertIntact(5);
    }

    @Test
    void shouldKeepEverythingInOrderThatIsWrittenAtOnce() {
        CustodyLog log = fixture.opened();
        List<Future<CustodyEntry>> appends = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            appends.add(log.append(LogFixture.event("snapshot-" + i)));
        }
        List<CustodyEntry> entries = Future.all(appends).await().list();
        assertThat(entries)
                .extracting(CustodyEntry::sequence)
                .isEqualTo(LongStream.rangeClosed(1, 500).boxed().toList());
        log.close().await();
        assertIntact(500);
    }

    @Test
    void shouldNotLetTwoHubsWriteToOneLog() {
        CustodyLog first = fixture.opened();
        assertThatThrownBy(fixture::opened)
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.WRONG_STATE));
        first.close().await();
        fixture.write(1);
        assertIntact(1);
    }

    @Test
    void shouldBeginANewFileThatFollowsTheOldOne() {
        CustodyLog log = fixture.opened(ChannelOpener.FILES, 2_000);
        for (int i = 0; i < 20; i++) {
            log.append(LogFixture.event("snapshot-" + i)).await();
        }
        log.close().await();
        assertThat(CustodyFiles.of(fixture.folder())).hasSizeGreaterThan(3);
        assertIntact(20);
        CustodyLog again = fixture.opened(ChannelOpener.FILES, 2_000);
        assertThat(again.last().sequence()).isEqualTo(20);
        again.close().await();

        List<Long> seen = new ArrayList<>();
        Long before = null;
        do {
            CustodyPage page = page(again, before, 7);
            page.entries().forEach(entry -> seen.add(entry.sequence()));
            before = page.next();
        } while (before != null);
        assertThat(seen).isEqualTo(LongStream.iterate(20, sequence -> sequence - 1).limit(20).boxed().toList());
    }

    /** Cut anywhere behind what was acknowledged, as a kill in the middle of a write does. */
    @Test
    void shouldCutALineThatWasNeverFinishedAndSaySo() throws IOException {
        fixture.write(4);
        Path file = fixture.file();
        byte[] next = CustodyLine.encode(LogFixture.event("torn"), Instant.EPOCH, anchor());
        byte[] sound = Files.readAllBytes(file);
        Random random = new Random(7);
        for (int i = 0; i < 12; i++) {
            int kept = random.nextInt(1, next.length);
            byte[] torn = new byte[sound.length + kept];
            System.arraycopy(sound, 0, torn, 0, sound.length);
            System.arraycopy(next, 0, torn, sound.length, kept);
            Files.write(file, torn);

            List<CustodyEntry> entries = fixture.write(1);

            assertThat(entries.getFirst().sequence()).isEqualTo(6);
            assertThat(LogFixture.lines(file).get(4))
                    .contains("\"action\":\"RECOVER\"")
                    .contains("\"bytes\":\"" + kept + "\"");
            assertIntact(6);
            Files.write(file, sound);
            Files.writeString(
                    fixture.folder().resolve(CustodyFormat.HEAD_FILE),
                    "%020d %s\n".formatted(4, anchor(sound, file).digest()));
        }
    }

    private CustodyAnchor anchor() {
        CustodyLog log = fixture.opened();
        log.close().await();
        return log.last();
    }

    private CustodyAnchor anchor(byte[] sound, Path file) throws IOException {
        assertThat(Files.readAllBytes(file)).isEqualTo(sound);
        String line = LogFixture.lines(file).getLast();
        return new CustodyAnchor(4, line.substring(line.length() - 66, line.length() - 2));
    }

    @Test
    void shouldLeaveDamageAsItIsAndGoOnInANewFile() throws IOException {
        fixture.write(6);
        Path file = fixture.file();
        String damaged = LogFixture.text(file).replaceFirst("snapshot-4", "snapshot-9");
        Files.writeString(file, damaged);

        List<CustodyEntry> entries = fixture.write(1);

        assertThat(entries.getFirst().sequence()).isEqualTo(8);
        assertThat(Files.readString(file)).isEqualTo(damaged);
        assertThat(CustodyFiles.of(fixture.folder())).hasSize(2);
        assertThat(Objects.requireNonNull(CustodyVerifier.verify(volume).fault()).line()).isEqualTo(5);
    }

    @Test
    void shouldNotForgetLinesThatSomebodyTookOffTheEnd() throws IOException {
        fixture.write(6);
        Path file = fixture.file();
        Files.writeString(file, LogFixture.joined(LogFixture.lines(file).subList(0, 3)));

        assertThat(fixture.write(1).getFirst().sequence()).isEqualTo(8);

        assertThat(CustodyVerifier.verify(volume).fault())
                .isNotNull()
                .satisfies(fault -> assertThat(fault.sequence()).isEqualTo(4));
    }

    @Test
    void shouldNotCountOnFromNumbersThatNoLogHas() throws IOException {
        fixture.write(2);
        String digest = "f".repeat(CustodyFormat.DIGEST_LENGTH);
        for (long sequence : new long[] {Long.MAX_VALUE, CustodyFormat.HIGHEST_SEQUENCE + 1}) {
            Files.writeString(
                    fixture.folder().resolve(CustodyFormat.HEAD_FILE), "%020d %s\n".formatted(sequence, digest));
            long next = fixture.write(1).getFirst().sequence();
            assertThat(next).isLessThan(100);
            assertIntact(next);
        }
    }

    private ChannelOpener faulty(Faults faults) {
        return new ChannelOpener() {
            @Override
            public FileChannel create(Path file) throws IOException {
                return bent(file, ChannelOpener.FILES.create(file));
            }

            @Override
            public FileChannel reopen(Path file) throws IOException {
                return bent(file, ChannelOpener.FILES.reopen(file));
            }

            private FileChannel bent(Path file, FileChannel channel) {
                return CustodyFiles.isNamed(file) ? new FaultyChannel(channel, faults) : channel;
            }
        };
    }

    @Test
    void shouldRefuseWhatAFullDiskDoesNotTakeAndGoOnWhenItDoes() throws IOException {
        Faults faults = new Faults();
        CustodyLog log = fixture.opened(faulty(faults), CustodyFormat.MAX_FILE_BYTES);
        log.append(LogFixture.event("first")).await();
        faults.shortWriteBytes = 10;
        faults.fullAfterBytes = 0;

        HindsightException refused = refusal(log.append(LogFixture.event("lost")));

        assertThat(refused.code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE);
        assertThat(refused).hasMessageContaining("not done");
        assertThat(fixture.folder().resolve(CustodyFormat.RESERVE_FILE)).doesNotExist();
        assertThat(log.status().failed()).isEqualTo(1);
        faults.fullAfterBytes = 25;
        refusal(log.append(LogFixture.event("torn")));
        faults.fullAfterBytes = Long.MAX_VALUE;
        assertThat(log.append(LogFixture.event("second")).await().sequence()).isEqualTo(2);
        log.close().await();
        assertIntact(2);
        assertThat(LogFixture.text(fixture.file())).doesNotContain("lost").doesNotContain("torn");
    }

    @Test
    void shouldTakeBackWhatCouldNotBeForced() {
        Faults faults = new Faults();
        CustodyLog log = fixture.opened(faulty(faults), CustodyFormat.MAX_FILE_BYTES);
        log.append(LogFixture.event("first")).await();
        faults.failsSync = true;

        assertThat(refusal(log.append(LogFixture.event("lost"))).code()).isEqualTo(ErrorCode.IO_FAILED);
        assertThat(refusal(log.append(LogFixture.event("lost"))).code()).isEqualTo(ErrorCode.IO_FAILED);

        faults.failsSync = false;
        assertThat(log.append(LogFixture.event("second")).await().sequence()).isEqualTo(2);
        log.close().await();
        assertIntact(2);
    }

    @Test
    void shouldRefuseWhatDoesNotFitInTheQueue() {
        Faults faults = new Faults();
        CustodyLog log = fixture.opened(faulty(faults), CustodyFormat.MAX_FILE_BYTES);
        log.append(LogFixture.event("first")).await();
        faults.permits.drainPermits();
        List<Future<CustodyEntry>> appends = new ArrayList<>();
        for (int i = 0; i < CustodyLog.MAX_WAITING + 2 * CustodyLog.MAX_TOGETHER; i++) {
            appends.add(log.append(LogFixture.event("snapshot-" + i)));
        }
        // Which ones depends on when the lane takes the first away; only some are.
        await().until(() -> appends.stream().anyMatch(Future::failed));
        assertThat(appends.stream().filter(Future::failed))
                .allSatisfy(refused -> assertThat(refusal(refused).code()).isEqualTo(ErrorCode.TOO_MANY_REQUESTS));
        faults.permits.release(10_000);
        long taken =
                Future.join(appends)
                        .transform(done -> Future.succeededFuture(appends.stream().filter(Future::succeeded).count()))
                        .await();
        log.close().await();
        assertIntact(taken + 1);
    }

    @Test
    void shouldBoundWhatALineHolds() {
        CustodyLog log = fixture.opened();
        log.append(LogFixture.event("x".repeat(1_000_000))).await();
        log.close().await();
        assertThat(LogFixture.text(fixture.file()).length()).isLessThan(2_000);
        assertIntact(1);
    }

    @Test
    void shouldLoseNothingThatWasAcknowledgedWhenItsProcessIsKilled() throws IOException {
        Random random = new Random(11);
        long last = 0;
        for (int round = 0; round < 2; round++) {
            long acknowledged = writeAndKill(random.nextInt(1, 40));
            assertThat(acknowledged).isGreaterThan(last);
            assertThat(CustodyVerifier.verify(volume).last()).isGreaterThanOrEqualTo(acknowledged);
            last = fixture.write(1).getFirst().sequence();
            assertThat(last).isGreaterThan(acknowledged);
            assertIntact(last);
        }
    }

    /** Returns the last line that the process was told of before it was killed. */
    private long writeAndKill(int lines) throws IOException {
        Process writer =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElse("java"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                LogWriter.class.getName(),
                                volume.toString())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String newest = "0";
        try (BufferedReader output = writer.inputReader()) {
            for (int i = 0; i < lines; i++) {
                newest = Objects.requireNonNull(output.readLine());
            }
            // Of the handle: the process itself would close its output, too.
            assertThat(writer.toHandle().destroyForcibly()).isTrue();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                newest = line;
            }
        }
        writer.onExit().join();
        return Long.parseLong(newest);
    }
}
