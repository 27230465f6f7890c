package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.TestPackets.ETH0;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.chunk.ChunkVerifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing JVM with SIGKILL at random moments: what it had said to be committed is there, and everything that is there is right. */
class RingKillTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final long STORAGE = 40L * SLOT_SIZE;
    private static final int REPORT_EVERY = 50;
    private static final int MIN_REPORTS = 10;
    private static final int MAX_REPORTS = 150;

    @TempDir Path folder;

    /** The program that is killed: packet n has the time n and a length that follows from n. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) {
            Ring ring = Ring.open(TestPackets.spec(Path.of(args[0]), STORAGE, SLOT_SIZE));
            RingWriter writer = ring.writer(0);
            for (long number = Long.parseLong(args[1]); ; number++) {
                TestPackets.put(writer, ETH0, numbered(number));
                if (number % 7 == 0) {
                    writer.commit();
                }
                if (number % REPORT_EVERY == 0) {
                    writer.commit();
                    System.out.println(number);
                }
            }
        }
    }

    private static Packet numbered(long number) {
        return packet(number, (int) (number * 37 % 1_500));
    }

    @RepeatedTest(2)
    void shouldKeepWhatWasCommittedAfterSigkill() throws IOException, InterruptedException {
        Random random = new Random();
        long reported = 0;
        for (int life = 0; life < 3; life++) {
            long first = life * 1_000_000L + 1;
            reported = runAndKill(first, MIN_REPORTS + random.nextInt(MAX_REPORTS));
            try (Ring ring = Ring.open(TestPackets.spec(folder, STORAGE, SLOT_SIZE))) {
                List<Packet> read = readAll(ring);
                long newest = read.getLast().timestampNs();
                assertThat(newest).isGreaterThanOrEqualTo(reported);
                assertThat(ring.recovery().corruptChunks()).isZero();
                assertThat(ring.recovery().bytesCut()).isZero();
                assertConsecutive(read, first);
            }
        }
    }

    private long runAndKill(long first, int reports) throws IOException, InterruptedException {
        Process victim =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Victim.class.getName(),
                                folder.toString(),
                                Long.toString(first))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try (BufferedReader output = victim.inputReader()) {
            long reported = 0;
            for (int count = 0; count < reports; count++) {
                reported = Long.parseLong(output.readLine());
            }
            return reported;
        } finally {
            victim.destroyForcibly();
            victim.waitFor();
        }
    }

    private static List<Packet> readAll(Ring ring) {
        List<Packet> packets = new ArrayList<>();
        for (SlotInfo slot : ring.slots()) {
            ChunkVerifier.checkRecords(ring.slot(slot.index()), 0);
            packets.addAll(TestPackets.read(ring, slot));
        }
        return packets;
    }

    /** Numbers go up by one, except where another life of the writer begins. */
    private static void assertConsecutive(List<Packet> read, long lastLifeFirst) {
        long previous = -1;
        for (Packet packet : read) {
            long number = packet.timestampNs();
            assertThat(packet).isEqualTo(numbered(number));
            if (previous >= 0 && number != previous + 1) {
                assertThat(number % 1_000_000).isEqualTo(1);
                assertThat(number).isLessThanOrEqualTo(lastLifeFirst);
            }
            previous = number;
        }
    }
}
