package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.TestPackets.ETH0;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.DropCause;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingRecoveryTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final long STORAGE = 5L * SLOT_SIZE;

    @TempDir Path folder;

    private Ring open() {
        return Ring.open(TestPackets.spec(folder, STORAGE, SLOT_SIZE));
    }

    /** Leaves a ring as a crash would: writers not closed. Returns what was committed. */
    private List<Packet> crashAfter(int packets, int committed) {
        List<Packet> put = new ArrayList<>();
        try (Ring ring = open()) {
            RingWriter writer = ring.writer(0);
            writer.dropped(DropCause.KERNEL, 9);
            for (int index = 0; index < packets; index++) {
                Packet packet = packet(10_000 + index, 1_000);
                TestPackets.put(writer, ETH0, packet);
                if (index < committed) {
                    writer.commit();
                    put.add(packet);
                }
            }
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
    void shouldKeepExactlyWhatWasCommitted() {
        List<Packet> put = crashAfter(410, 400);
        try (Ring ring = open()) {
            assertThat(ring.recovery()).isEqualTo(new RecoveryReport(1, 1, 0, 0, 2));
            assertThat(readAll(ring)).isEqualTo(put);
            ChunkHeader torn = ChunkVerifier.checkBytes(ring.slot(ring.slots().getLast().index()), 0);
            assertThat(torn.has(ChunkFlag.RECOVERED)).isTrue();
            assertThat(torn.has(ChunkFlag.OPEN_PREFIX)).isFalse();
        }
    }

    @Test
    void shouldKeepTheDropsOfATornChunk() {
        crashAfter(10, 10);
        try (Ring ring = open()) {
            ChunkHeader torn = ChunkVerifier.checkBytes(ring.slot(ring.slots().getLast().index()), 0);
            assertThat(torn.dropped(DropCause.KERNEL)).isEqualTo(9);
        }
    }

    @Test
    void shouldContinueTheSequenceAndTheRuns() {
        crashAfter(410, 400);
        try (Ring ring = open()) {
            try (RingWriter writer = ring.writer(0)) {
                TestPackets.put(writer, ETH0, packet(99_999, 60));
            }
            assertThat(ring.slots()).extracting(SlotInfo::sequence).containsExactly(1L, 2L, 3L);
            assertThat(ring.slots().getLast().run()).isEqualTo(2);
            assertThat(ring.recorderRuns()).extracting(RecorderRun::number).containsExactly(1L, 2L);
        }
    }

    @Test
    void shouldNeverTakeUpRemainsOfTheSlotsPreviousUse() {
        List<Packet> put = crashAfter(2_000, 1_990);
        try (Ring ring = open()) {
            List<Packet> read = readAll(ring);
            assertThat(read).isEqualTo(put.subList(put.size() - read.size(), put.size()));
            assertThat(ring.slots()).hasSize(4);
        }
    }

    /** After a power cut the directory may be newer on disk than a page of the slot, which then has its previous content. */
    @Test
    void shouldCutAPageThatPowerCutLeftStale() {
        List<Packet> put = crashAfter(1_990, 1_990);
        int kept;
        try (Ring ring = open()) {
            SlotInfo torn = ring.slots().getLast();
            kept = TestPackets.read(ring, torn).size();
            MemorySegment memory = ring.slot(torn.index());
            // Same layout, older times: the blocks are whole and still wrong.
            long block = ring.codec().sectionHeaderLength();
            long packet = block + memory.get(LittleEndian.U32, block + 4);
            long stale = packet + 100L * 1_044;
            memory.set(LittleEndian.U32, stale + 16, 1);
            ring.directory().open(torn.index(), torn.sequence(), 0, 1);
            ring.directory()
                    .describe(torn.index(), torn.firstTimestampNs(), torn.lastTimestampNs(), torn.recordCount());
            ring.directory().commit(torn.index(), torn.committedLength(), torn.committedCrc());
        }
        try (Ring ring = open()) {
            assertThat(kept).isGreaterThan(100);
            List<Packet> tail = TestPackets.read(ring, ring.slots().getLast());
            assertThat(tail).isEqualTo(put.subList(put.size() - kept, put.size() - kept + 100));
            assertThat(ring.recovery().bytesCut()).isPositive();
        }
    }

    @Test
    void shouldMarkAChunkWithABrokenHeaderCorrupt() {
        crashAfter(600, 600);
        try (Ring ring = open()) {
            ring.slot(ring.slots().getFirst().index()).set(LittleEndian.U32, 60, 0xDEAD);
        }
        try (Ring ring = open()) {
            assertThat(ring.recovery().corruptChunks()).isEqualTo(1);
            SlotInfo first = ring.slots().getFirst();
            assertThat(first.state()).isEqualTo(SlotState.CORRUPT);
            assertThat(first.firstTimestampNs()).isEqualTo(10_000);
        }
    }

    @Test
    void shouldMakeARingOfAnotherNodeOrSizeAnew() {
        crashAfter(400, 400);
        RingSpec mine = TestPackets.spec(folder, STORAGE, SLOT_SIZE);
        RingSpec other =
                new RingSpec(
                        mine.file(), new NodeId("node-b"), ChunkSource.PACKETS, STORAGE, SLOT_SIZE, "hindsight test");
        try (Ring ring = Ring.open(other)) {
            assertThat(ring.slots()).isEmpty();
            assertThat(ring.recorderRuns()).hasSize(1);
        }
        try (Ring ring = Ring.open(TestPackets.spec(folder, 2 * STORAGE, SLOT_SIZE))) {
            assertThat(ring.slots()).isEmpty();
        }
    }

    @Test
    void shouldMakeARingOfAnotherSlotSizeAnew() {
        crashAfter(400, 400);
        try (Ring ring = Ring.open(TestPackets.spec(folder, STORAGE, SLOT_SIZE / 2))) {
            assertThat(ring.slots()).isEmpty();
        }
    }

    @Test
    void shouldMakeARingOfAnotherVersionAnewThoughItsChecksumIsRight() throws IOException {
        crashAfter(400, 400);
        Path file = TestPackets.spec(folder, STORAGE, SLOT_SIZE).file();
        byte[] bytes = Files.readAllBytes(file);
        MemorySegment header = MemorySegment.ofArray(bytes);
        header.set(LittleEndian.U16, RingHeaderDescriptor.VERSION_OFFSET, (short) (RingHeaderDescriptor.VERSION + 1));
        header.set(
                LittleEndian.U32,
                RingHeaderDescriptor.CRC_OFFSET,
                Crc32c.of(header.asSlice(0, RingHeaderDescriptor.CRC_OFFSET)));
        Files.write(file, bytes);
        try (Ring ring = open()) {
            assertThat(ring.slots()).isEmpty();
        }
    }

    /** The directory has no checksum: what the chunk's own header says is believed. */
    @Test
    void shouldMakeTheEntryOfASealedSlotAnewFromItsChunk() {
        crashAfter(600, 600);
        SlotInfo whole;
        try (Ring ring = open()) {
            whole = ring.slots().getFirst();
            ring.directory().describe(whole.index(), 7, 8, 9);
            ring.directory().drops(whole.index(), DropCause.KERNEL.position(), 77);
            ring.directory().commit(whole.index(), whole.committedLength(), ~whole.committedCrc());
            ring.directory().settle(whole.index(), SlotState.CORRUPT, 0xFF);
        }
        try (Ring ring = open()) {
            assertThat(ring.slots().getFirst()).isEqualTo(whole);
            assertThat(ring.recovery().corruptChunks()).isZero();
        }
    }

    @Test
    void shouldFreeASlotWhoseSequenceIsNotPossible() {
        List<Packet> put = crashAfter(600, 600);
        try (Ring ring = open()) {
            SlotInfo first = ring.slots().getFirst();
            ring.directory().open(first.index(), Long.MAX_VALUE, 0, 1);
        }
        try (Ring ring = open()) {
            assertThat(ring.recovery().corruptChunks()).isEqualTo(1);
            assertThat(ring.slots()).extracting(SlotInfo::sequence).containsExactly(2L, 3L);
            assertThat(put).containsAll(readAll(ring));
            try (RingWriter writer = ring.writer(0)) {
                TestPackets.put(writer, ETH0, packet(99_999, 60));
            }
            assertThat(ring.slots().getLast().sequence()).isEqualTo(4);
        }
    }

    @Test
    void shouldBeginARunThoughTheTableOfRunsIsDamaged() throws IOException {
        crashAfter(10, 10);
        Path file = TestPackets.spec(folder, STORAGE, SLOT_SIZE).file();
        byte[] bytes = Files.readAllBytes(file);
        // Run 2^31: the next would be negative, and its entry stand before the table.
        MemorySegment.ofArray(bytes)
                .set(
                        LittleEndian.U64,
                        RingHeaderDescriptor.RUN_TABLE_OFFSET + RingHeaderDescriptor.RUN_NUMBER_OFFSET,
                        1L << 31);
        Files.write(file, bytes);
        try (Ring ring = open()) {
            assertThat(ring.recorderRuns()).extracting(RecorderRun::number).containsExactly(1L, 2L);
        }
    }

    @Test
    void shouldMakeAFileThatIsNoRingAnew() throws IOException {
        Path file = TestPackets.spec(folder, STORAGE, SLOT_SIZE).file();
        Files.writeString(file, "not a ring");
        try (Ring ring = open()) {
            assertThat(ring.slots()).isEmpty();
        }
        assertThat(Files.size(file)).isLessThanOrEqualTo(STORAGE);
    }

    @Test
    void shouldRefuseARingThatIsInUse() {
        try (Ring ring = open()) {
            assertThat(ring.slots()).isEmpty();
            assertThatThrownBy(this::open)
                    .isInstanceOfSatisfying(
                            HindsightException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.WRONG_STATE));
        }
    }

    @Test
    void shouldRefuseWithNumbersWhereThereIsNoRoom() {
        long tooMuch = 1L << 50;
        assertThatThrownBy(() -> Ring.open(TestPackets.spec(folder, tooMuch, 64 << 20)))
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.INSUFFICIENT_STORAGE);
                            assertThat(e).hasMessageContaining("needed=").hasMessageContaining("free=");
                        });
        assertThat(TestPackets.spec(folder, tooMuch, 64 << 20).file()).doesNotExist();
    }

    @Test
    void shouldReallyAllocateEveryBlock() throws IOException {
        try (Ring ring = open()) {
            Path file = ring.spec().file();
            long blocks =
                    Long.parseLong(
                            io.hindsight.testing.Tools.run("stat", "-c", "%b", file.toString())
                                    .succeeded()
                                    .stdout()
                                    .strip());
            assertThat(blocks * 512).isGreaterThanOrEqualTo(Files.size(file));
            assertThat(Files.size(file)).isLessThanOrEqualTo(STORAGE);
        }
    }
}
