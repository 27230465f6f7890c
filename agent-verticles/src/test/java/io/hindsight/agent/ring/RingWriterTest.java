package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.TestPackets.ETH0;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.ring.TestPackets.Packet;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.DropCause;
import io.hindsight.testing.Tools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingWriterTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final CaptureInterface WLAN = new CaptureInterface(40, "wlan0", 7, 105, 96, "tcp port 80");

    @TempDir Path folder;

    private Ring open(int slots) {
        return Ring.open(TestPackets.spec(folder, (slots + 1L) * SLOT_SIZE, SLOT_SIZE));
    }

    @Test
    void shouldShowNothingBeforeCommit() {
        try (Ring ring = open(4);
                RingWriter writer = ring.writer(0)) {
            TestPackets.put(writer, ETH0, packet(1_000, 60));
            assertThat(ring.slots()).singleElement().satisfies(slot -> assertThat(slot.hasRecords()).isFalse());
            writer.commit();
            assertThat(ring.slots())
                    .singleElement()
                    .satisfies(slot -> {
                        assertThat(slot.hasRecords()).isTrue();
                        assertThat(TestPackets.read(ring, slot)).containsExactly(packet(1_000, 60));
                    });
        }
    }

    @Test
    void shouldTakeNoSlotBeforeTheFirstPacket() {
        try (Ring ring = open(4);
                RingWriter writer = ring.writer(0)) {
            writer.dropped(DropCause.KERNEL, 7);
            writer.commit();
            assertThat(ring.slots()).isEmpty();
        }
    }

    @Test
    void shouldSealFullChunksThatVerify() {
        List<Packet> put = new ArrayList<>();
        try (Ring ring = open(8)) {
            try (RingWriter writer = ring.writer(3)) {
                for (int index = 0; index < 900; index++) {
                    Packet packet = packet(1_000_000 + index, 1_000);
                    TestPackets.put(writer, ETH0, packet);
                    put.add(packet);
                }
            }
            List<Packet> read = new ArrayList<>();
            for (SlotInfo slot : ring.slots()) {
                ChunkHeader header = ChunkVerifier.checkRecords(ring.slot(slot.index()), 0);
                assertThat(header.sequence()).isEqualTo(slot.sequence());
                assertThat(header.writer()).isEqualTo(3);
                assertThat(header.firstTimestampNs()).isEqualTo(slot.firstTimestampNs());
                read.addAll(TestPackets.read(ring, slot));
            }
            assertThat(ring.slots()).hasSize(4);
            assertThat(read).isEqualTo(put);
        }
    }

    @Test
    void shouldKeepSmallestAndGreatestTimeOfPacketsOutOfOrder() {
        try (Ring ring = open(4)) {
            try (RingWriter writer = ring.writer(0)) {
                for (long timestampNs : new long[] {500, 900, 100, 300}) {
                    TestPackets.put(writer, ETH0, packet(timestampNs, 60));
                }
            }
            ChunkHeader header = ChunkHeaderCodec.read(ring.slot(ring.slots().getFirst().index()), 0);
            assertThat(header.firstTimestampNs()).isEqualTo(100);
            assertThat(header.lastTimestampNs()).isEqualTo(900);
        }
    }

    @Test
    void shouldCarryDropsIntoTheNextChunkOnce() {
        try (Ring ring = open(8)) {
            try (RingWriter writer = ring.writer(0)) {
                writer.dropped(DropCause.KERNEL, 5);
                TestPackets.put(writer, ETH0, packet(1, 60));
                writer.seal();
                TestPackets.put(writer, ETH0, packet(2, 60));
            }
            List<SlotInfo> slots = ring.slots();
            assertThat(ChunkHeaderCodec.read(ring.slot(slots.get(0).index()), 0).dropped(DropCause.KERNEL))
                    .isEqualTo(5);
            assertThat(slots.get(0).dropped(DropCause.KERNEL)).isEqualTo(5);
            assertThat(ChunkHeaderCodec.read(ring.slot(slots.get(1).index()), 0).drops())
                    .isEqualTo(ChunkHeader.NO_DROPS);
        }
    }

    @Test
    void shouldShowDropsThatNoRecordFollows() {
        try (Ring ring = open(4);
                RingWriter writer = ring.writer(0)) {
            TestPackets.put(writer, ETH0, packet(1, 60));
            writer.commit();
            writer.dropped(DropCause.KERNEL, 9);
            assertThat(ring.slots().getFirst().dropped(DropCause.KERNEL)).isEqualTo(9);
        }
    }

    @Test
    void shouldCountAPacketLargerThanASlot() {
        try (Ring ring = open(4);
                RingWriter writer = ring.writer(0)) {
            TestPackets.put(writer, ETH0, packet(1, SLOT_SIZE));
            assertThat(writer.counters().drops(DropCause.OVERSIZE)).isEqualTo(1);
            assertThat(ring.slots()).isEmpty();
        }
    }

    @Test
    void shouldPutTheTagBack() {
        byte[] data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        try (Ring ring = open(4)) {
            try (RingWriter writer = ring.writer(0)) {
                writer.taggedPacket(ETH0, 1, 1, MemorySegment.ofArray(data), 0, 19, 19, 12, 0x8100, 0x0123);
            }
            byte[] read = TestPackets.read(ring, ring.slots().getFirst()).getFirst().data().array();
            assertThat(read)
                    .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, (byte) 0x81, 0, 1, 0x23, 13, 14, 15);
        }
    }

    @Test
    void shouldRecycleTheOldestWhenFull() {
        try (Ring ring = open(4)) {
            try (RingWriter writer = ring.writer(0)) {
                for (int index = 0; index < 3_000; index++) {
                    TestPackets.put(writer, ETH0, packet(index, 1_000));
                }
            }
            List<Long> sequences = ring.slots().stream().map(SlotInfo::sequence).toList();
            assertThat(sequences).containsExactly(9L, 10L, 11L, 12L);
        }
    }

    @Test
    void shouldWriteJournalEntriesThatVerify() {
        byte[] entry = "MESSAGE=hello\nHINDSIGHT_TIME_NS=77\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        try (Ring ring = open(4)) {
            try (RingWriter writer = ring.writer(0)) {
                writer.journalEntry(77, entry);
                writer.journalEntry(78, new byte[0]);
            }
            MemorySegment memory = ring.slot(ring.slots().getFirst().index());
            assertThat(ChunkVerifier.checkBytes(memory, 0).recordCount()).isEqualTo(2);
            long start = ring.codec().sectionHeaderLength() + 8L;
            assertThat(memory.asSlice(start, entry.length).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(entry);
        }
    }

    @Test
    void shouldBeReadableAsItLies() throws IOException {
        Tools.require("capinfos", "tshark");
        try (Ring ring = open(8)) {
            try (RingWriter writer = ring.writer(0)) {
                writer.dropped(DropCause.KERNEL, 3);
                for (int index = 0; index < 600; index++) {
                    TestPackets.put(
                            writer, index % 3 == 0 ? WLAN : ETH0, packet(1_700_000_000_000_000_000L + index, 500));
                }
                writer.commit();
                Path file = folder.resolve("slots.pcapng");
                for (SlotInfo slot : ring.slots()) {
                    ByteBuffer bytes = ring.slot(slot.index()).asSlice(0, slot.committedLength()).asByteBuffer();
                    byte[] copy = new byte[bytes.remaining()];
                    bytes.get(copy);
                    Path one = folder.resolve(slot.sequence() + ".pcapng");
                    Files.write(one, copy);
                    Files.write(
                            file,
                            copy,
                            java.nio.file.StandardOpenOption.CREATE,
                            java.nio.file.StandardOpenOption.APPEND);
                    assertThat(packetsIn(one)).isEqualTo(TestPackets.read(ring, slot).size());
                }
                assertThat(ring.slots()).hasSizeGreaterThan(1);
                // The last section's length is not known yet, as it is still open, and it is last.
                assertThat(packetsIn(file)).isEqualTo(600);
            }
        }
    }

    private static int packetsIn(Path file) {
        Tools.run("capinfos", "-M", file.toString()).succeeded();
        List<String> names =
                Tools.run("tshark", "-r", file.toString(), "-T", "fields", "-e", "frame.interface_name")
                        .succeeded()
                        .lines();
        assertThat(names).isSubsetOf("eth0", "wlan0");
        return names.size();
    }

    @Test
    void shouldAllocateNothingForAPacket() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Ring ring = Ring.open(TestPackets.spec(folder, 64 << 20, 4 << 20));
                RingWriter writer = ring.writer(0)) {
            MemorySegment data = MemorySegment.ofArray(new byte[64]);
            for (int index = 0; index < 200_000; index++) {
                writer.packet(ETH0, index, 1, data, 0, 64, 64);
            }
            writer.seal();
            writer.packet(ETH0, 0, 1, data, 0, 64, 64);
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int index = 0; index < 30_000; index++) {
                writer.packet(ETH0, index, 1, data, 0, 64, 64);
                if (index % 100 == 0) {
                    writer.commit();
                }
            }
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            // Less than one byte for each packet: the JVM's own counting is not exact to the byte.
            assertThat(allocated).isLessThan(30_000);
        }
    }
}
