package io.hindsight.simulation.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.ring.Ring;
import io.hindsight.agent.ring.RingWriter;
import io.hindsight.agent.ring.SlotInfo;
import io.hindsight.agent.ring.SlotState;
import io.hindsight.agent.ring.TestPackets;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A real ring on a simulated disk. */
class RingOnSimulatedDiskTest {
    private static final int SLOT_SIZE = 64 << 10;
    private static final long STORAGE = 5L * SLOT_SIZE;

    private final SimulatedDisk disk = new SimulatedDisk(1 << 20, InstantSource.system());

    private static Ring open(FileSystem process) {
        return Ring.open(TestPackets.spec(process.getPath("/var/ring"), STORAGE, SLOT_SIZE));
    }

    private static List<Packet> write(Ring ring, int packets) {
        List<Packet> put = new ArrayList<>();
        RingWriter writer = ring.writer(0);
        for (int index = 0; index < packets; index++) {
            Packet packet = TestPackets.packet(10_000 + index, 1_000);
            TestPackets.put(writer, TestPackets.ETH0, packet);
            writer.commit();
            put.add(packet);
        }
        return put;
    }

    private static List<Packet> readAll(Ring ring) {
        List<Packet> packets = new ArrayList<>();
        for (SlotInfo slot : ring.slots()) {
            ChunkVerifier.checkRecords(ring.slot(slot.index()), 0);
            packets.addAll(TestPackets.read(ring, slot));
        }
        return packets;
    }

    @Test
    void shouldRecoverAllThatWasCommittedWhenTheProcessEnds() throws IOException {
        FileSystem process = disk.mount();
        Ring dead = open(process);
        List<Packet> put = write(dead, 100);
        FileSystem next = disk.mount();
        assertThatThrownBy(() -> open(next))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE));
        process.close();
        write(dead, 10);

        try (Ring ring = open(next)) {
            assertThat(ring.recovery().recoveredChunks()).isEqualTo(1);
            assertThat(readAll(ring)).isEqualTo(put);
        }
    }

    @Test
    void shouldNeverShowABrokenPacketAfterAPowerCut() throws IOException {
        int seen = 0;
        for (int seed = 0; seed < 50; seed++) {
            SimulatedDisk cut = new SimulatedDisk(1 << 20, InstantSource.system());
            FileSystem process = cut.mount();
            List<Packet> put = write(open(process), 50);
            cut.writeBack();
            put.addAll(write(open(reboot(cut, process)), 150));
            cut.cutPower(new Random(seed));

            try (Ring ring = open(cut.mount())) {
                List<Packet> found = readWhole(ring);
                assertThat(put).containsAll(found);
                seen += found.size();
            }
        }
        assertThat(seen).isPositive();
    }

    /** What the agent would send: a chunk whose pages are lost in part does not pass its check. */
    private static List<Packet> readWhole(Ring ring) {
        List<Packet> packets = new ArrayList<>();
        for (SlotInfo slot : ring.slots()) {
            if (slot.state() == SlotState.SEALED && isWhole(ring, slot)) {
                packets.addAll(TestPackets.read(ring, slot));
            }
        }
        return packets;
    }

    private static boolean isWhole(Ring ring, SlotInfo slot) {
        try {
            return ChunkVerifier.checkBytes(ring.slot(slot.index()), 0).sequence() == slot.sequence();
        } catch (HindsightException broken) {
            assertThat(broken.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
            return false;
        }
    }

    private static FileSystem reboot(SimulatedDisk disk, FileSystem process) throws IOException {
        process.close();
        return disk.mount();
    }

    @Test
    void shouldRefuseARingThatHasNoRoom() {
        disk.capacityBytes(STORAGE / 2);
        assertThatThrownBy(() -> open(disk.mount()))
                .isInstanceOfSatisfying(
                        HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE));
        assertThat(disk.usedBytes()).isZero();
    }

    @Test
    void shouldLeaveTheFoldersOfThisMachineAlone() {
        try (Ring ring = open(disk.mount())) {
            assertThat(disk.usedBytes()).isPositive().isLessThanOrEqualTo(STORAGE);
            assertThat(Files.exists(Path.of(ring.spec().file().toString()))).isFalse();
        }
    }
}
