package io.hindsight.agent.ring;

import static io.hindsight.agent.ring.TestPackets.ETH0;
import static io.hindsight.agent.ring.TestPackets.packet;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.chunk.DropCause;
import io.hindsight.testing.IndependentVerifier;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program written from FORMAT.md alone reads a ring. */
class RingFormatTest {
    private static final int SLOT_SIZE = 256 << 10;
    private static final int SLOTS = 6;
    private static final int PACKETS = 600;

    @TempDir Path folder;

    @Test
    void shouldLetAnotherProgramReadSealedAndOpenSlots() throws IOException {
        RingSpec spec = TestPackets.spec(folder, (SLOTS + 1L) * SLOT_SIZE, SLOT_SIZE);
        try (Ring ring = Ring.open(spec)) {
            RingWriter writer = ring.writer(2);
            writer.dropped(DropCause.KERNEL, 4);
            for (int index = 0; index < PACKETS; index++) {
                TestPackets.put(writer, ETH0, packet(1_700_000_000_000_000_000L + index, 1_000));
            }
            writer.commit();
            // Not committed: nobody may see it.
            TestPackets.put(writer, ETH0, packet(1, 60));

            JsonObject open = IndependentVerifier.ring(spec.file());
            assertThat(open.getBoolean("intact")).as(open.encodePrettily()).isTrue();
            assertThat(open.getInteger("chunks")).isEqualTo(3);
            assertThat(open.getInteger("packets")).isEqualTo(PACKETS);

            writer.close();
            JsonObject sealed = IndependentVerifier.ring(spec.file());
            assertThat(sealed.getBoolean("intact")).as(sealed.encodePrettily()).isTrue();
            assertThat(sealed.getInteger("packets")).isEqualTo(PACKETS + 1);
        }
        flipABitOfTheFirstPacket(spec.file());

        JsonObject damaged = IndependentVerifier.ring(spec.file());

        assertThat(damaged.getBoolean("intact")).isFalse();
        assertThat(damaged.getJsonArray("violations")).hasSize(1);
    }

    private static void flipABitOfTheFirstPacket(Path file) throws IOException {
        RingGeometry geometry = RingGeometry.of((SLOTS + 1L) * SLOT_SIZE, SLOT_SIZE);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            long position = geometry.slotOffset(0) + 500;
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, position);
        }
    }
}
