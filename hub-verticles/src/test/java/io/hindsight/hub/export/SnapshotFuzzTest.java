package io.hindsight.hub.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.VerifyReport;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.SealedFixture;
import io.hindsight.hub.verify.SnapshotVerifier;
import io.hindsight.testing.Mutations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file of a sealed snapshot is damaged: verification finds it and names the file, and every export is right or refused.
 * {@code -Dhindsight.fuzz.seconds=N}, three unless set; a failure names its seed, and {@code -Dhindsight.fuzz.seed=N} starts there.
 */
class SnapshotFuzzTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("hindsight.fuzz.seconds", 3));
    private static final long FIRST_SEED = Long.getLong("hindsight.fuzz.seed", 1);
    private static final Duration ROUND_LIMIT = Duration.ofSeconds(10);
    private static final List<String> FILES =
            List.of(
                    "node-1.pcapng",
                    "node-2.pcapng",
                    "node-1.index",
                    "node-2.index",
                    "timeline.json",
                    SealedSnapshot.MANIFEST_FILE,
                    SealedSnapshot.DIGESTS_FILE);

    @TempDir Path folder;

    @Test
    void shouldFindItAndExportNothingWrong() throws IOException {
        Path snapshot = SealedFixture.sealed(folder.resolve("volume"), folder.resolve("snapshot"));
        Set<PcapPacket> recorded = Set.copyOf(packets(snapshot));
        assertThat(recorded).hasSizeGreaterThan(100);
        long end = System.nanoTime() + DURATION.toNanos();
        for (long seed = FIRST_SEED; System.nanoTime() < end; seed++) {
            long start = System.nanoTime();
            SplittableRandom random = new SplittableRandom(seed);
            Path file = snapshot.resolve(FILES.get(random.nextInt(FILES.size())));
            byte[] sound = Files.readAllBytes(file);
            byte[] damaged = Mutations.mutate(sound, random);
            Files.write(file, damaged);
            try {
                requireFound(snapshot, file, Arrays.equals(sound, damaged));
                requireExports(snapshot, recorded);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("Fuzzing fails with -Dhindsight.fuzz.seed=" + seed + " of " + file, e);
            }
            Files.write(file, sound);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).as("seed " + seed).isLessThan(ROUND_LIMIT);
        }
        assertThat(SnapshotVerifier.verify(snapshot).intact()).isTrue();
    }

    private static void requireFound(Path snapshot, Path file, boolean unchanged) {
        VerifyReport report = SnapshotVerifier.verify(snapshot);
        assertThat(report.intact()).isEqualTo(unchanged);
        if (!unchanged) {
            assertThat(report.violations())
                    .as(report.toString())
                    .anyMatch(violation -> violation.file().equals(String.valueOf(file.getFileName())));
        }
    }

    private static void requireExports(Path snapshot, Set<PcapPacket> recorded) {
        for (ExportFormat format : ExportFormat.values()) {
            try {
                byte[] exported = ExportTools.export(files(snapshot), ExportRequest.everything(format));
                if (format == ExportFormat.PCAP) {
                    assertThat(recorded).containsAll(PcapPacket.read(exported));
                }
            } catch (HindsightException refused) {
                assertThat(refused.code())
                        .as(refused.getMessage())
                        .isIn(ErrorCode.INTEGRITY_VIOLATED, ErrorCode.IO_FAILED, ErrorCode.SNAPSHOT_NOT_FOUND);
            }
        }
    }

    private static List<PcapPacket> packets(Path snapshot) {
        return PcapPacket.read(ExportTools.export(files(snapshot), ExportRequest.everything(ExportFormat.PCAP)))
                .stream()
                .distinct()
                .collect(Collectors.toList());
    }

    private static SnapshotFiles files(Path snapshot) {
        return SnapshotFiles.of(SealedSnapshot.open(snapshot));
    }
}
