package io.hindsight.hub.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.testing.HostileInput;
import io.hindsight.testing.Mutations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every buffer here comes from one allocator that knows to the byte what is alive. */
class ChunkAssemblerTest {
    private static final NodeId NODE = new NodeId("node-a");
    private static final int READ_BUFFER = 64 << 10;
    private static final List<byte[]> CHUNKS = chunks();

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, false);
    private final AtomicInteger released = new AtomicInteger();

    private static List<byte[]> chunks() {
        List<byte[]> chunks = new ArrayList<>();
        int[] packetCounts = {1, 2, 40, 1, 500, 3};
        Random random = new Random(1);
        for (int packetCount : packetCounts) {
            List<FixturePacket> packets = new ArrayList<>();
            for (int packet = 0; packet < packetCount; packet++) {
                byte[] data = new byte[random.nextInt(60, 2_500)];
                random.nextBytes(data);
                packets.add(FixturePacket.ethernet("eth0", 1_000 + packet, data));
            }
            chunks.add(ChunkFixtures.node(NODE.name()).sequence(chunks.size() + 1L).packets(packets));
        }
        chunks.add(ChunkFixtures.node(NODE.name()).journal(ChunkSource.OS, List.of(FixtureEntry.of(2_000, "started"))));
        return chunks;
    }

    private ChunkAssembler assembler() {
        return new ChunkAssembler(NODE, ChunkHeaderCodec.MAX_CHUNK_LENGTH, allocator);
    }

    private long aliveBytes() {
        return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
    }

    /** As a socket's read gives it: so many bytes in a buffer of this capacity. */
    private ByteBuf buffer(boolean direct, int capacity, byte[] bytes, int from, int to) {
        ByteBuf buffer = direct ? allocator.directBuffer(capacity) : allocator.heapBuffer(capacity);
        return buffer.writeBytes(bytes, from, to - from);
    }

    private ByteBuf exactly(byte[] bytes) {
        return buffer(true, bytes.length, bytes, 0, bytes.length);
    }

    private @Nullable Chunk next(ChunkAssembler assembler) {
        return assembler.header() == null ? null : assembler.chunk(released::incrementAndGet);
    }

    private Chunk whole(ChunkAssembler assembler) {
        return Objects.requireNonNull(next(assembler));
    }

    private static byte[] bytes(Chunk chunk) {
        ByteBuffer all = ByteBuffer.allocate((int) chunk.lengthBytes());
        for (ByteBuffer part : chunk.parts()) {
            all.put(part);
        }
        return all.array();
    }

    @Property(tries = 100)
    void shouldGiveTheSameBytesWhateverTheSegmentation(@ForAll long seed) {
        released.set(0);
        Random random = new Random(seed);
        List<byte[]> sent = new ArrayList<>();
        for (int count = random.nextInt(1, 8); count > 0; count--) {
            sent.add(CHUNKS.get(random.nextInt(CHUNKS.size())));
        }
        byte[] stream = ChunkFixtures.concatenate(sent);
        int mostPerRead = 1 << random.nextInt(4, 18);
        boolean direct = random.nextInt(4) > 0;
        ChunkAssembler assembler = assembler();
        List<Chunk> received = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int end = Math.min(stream.length, at + random.nextInt(1, mostPerRead + 1));
            int capacity = Math.max(end - at, random.nextBoolean() ? Math.min(READ_BUFFER, 16 * mostPerRead) : 1);
            assembler.add(buffer(direct, capacity, stream, at, end));
            at = end;
            for (Chunk chunk = next(assembler); chunk != null; chunk = next(assembler)) {
                received.add(chunk);
            }
        }
        assertThat(received).hasSameSizeAs(sent);
        for (int index = 0; index < sent.size(); index++) {
            assertThat(bytes(received.get(index))).isEqualTo(sent.get(index));
        }
        assertThat(assembler.arrivedBytes()).isZero();
        assertThat(assembler.isInChunk()).isFalse();
        assertThat(assembler.startOffset()).isEqualTo(stream.length);
        assertThat(aliveBytes()).as("at most twice the bytes").isLessThanOrEqualTo(2L * stream.length);
        for (Chunk chunk : received) {
            assertThat(chunk.parts().length)
                    .isLessThanOrEqualTo((int) (chunk.lengthBytes() / ChunkAssembler.MIN_SLICE) + 2);
            chunk.release();
        }
        assembler.close();
        assertThat(released).hasValue(sent.size());
        assertThat(aliveBytes()).isZero();
    }

    @Test
    void shouldTakeAChunkByteByByte() {
        byte[] sent = CHUNKS.getFirst();
        ChunkAssembler assembler = assembler();
        for (int at = 0; at < sent.length - 1; at++) {
            assembler.add(buffer(true, READ_BUFFER, sent, at, at + 1));
            assertThat(next(assembler)).isNull();
            assertThat(aliveBytes()).as("bytes held after %d", at + 1).isLessThanOrEqualTo(sent.length);
        }
        assembler.add(buffer(true, READ_BUFFER, sent, sent.length - 1, sent.length));
        Chunk chunk = whole(assembler);
        assertThat(bytes(chunk)).isEqualTo(sent);
        chunk.release();
        assertThat(aliveBytes()).isZero();
    }

    @Test
    void shouldKeepSlicesOfFullBuffersInsteadOfCopies() {
        byte[] sent = CHUNKS.get(4);
        assertThat(sent.length).isGreaterThan(8 * READ_BUFFER);
        ChunkAssembler assembler = assembler();
        List<ByteBuf> buffers = new ArrayList<>();
        for (int at = 0; at < sent.length; at += READ_BUFFER) {
            ByteBuf buffer = buffer(true, READ_BUFFER, sent, at, Math.min(sent.length, at + READ_BUFFER));
            buffers.add(buffer);
            assembler.add(buffer);
        }
        Chunk chunk = whole(assembler);
        assertThat(bytes(chunk)).isEqualTo(sent);
        assertThat(buffers.subList(0, buffers.size() - 1)).allMatch(buffer -> buffer.refCnt() == 1);
        assertThat(chunk.parts()).hasSize(buffers.size() + 1);
        chunk.release();
        assertThat(buffers).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(aliveBytes()).isZero();
    }

    @Test
    void shouldCopyWhatTlsDecryptedOntoTheHeap() {
        byte[] sent = CHUNKS.get(4);
        ChunkAssembler assembler = assembler();
        for (int at = 0; at < sent.length; at += 16_384) {
            assembler.add(buffer(false, 16_384, sent, at, Math.min(sent.length, at + 16_384)));
        }
        Chunk chunk = whole(assembler);
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(chunk.parts()).allMatch(ByteBuffer::isDirect);
        assertThat(chunk.parts()).hasSizeLessThanOrEqualTo(sent.length / ChunkAssembler.COPY_BLOCK + 2);
        chunk.release();
        assertThat(aliveBytes()).isZero();
    }

    @Test
    void shouldKeepNoBufferForTheFewBytesThatAnotherChunkHasInIt() {
        byte[] small = CHUNKS.getFirst();
        byte[] large = CHUNKS.get(4);
        ChunkAssembler assembler = assembler();
        assembler.add(exactly(ChunkFixtures.concatenate(List.of(small, large))));
        Chunk first = whole(assembler);
        Chunk second = whole(assembler);
        second.release();
        assertThat(aliveBytes()).isEqualTo(small.length);
        assertThat(bytes(first)).isEqualTo(small);
        first.release();
        assertThat(aliveBytes()).isZero();
    }

    @Test
    void shouldGiveEverythingBackWhenItIsClosedInTheMiddle() {
        byte[] sent = CHUNKS.get(4);
        for (int length = 1; length < sent.length; length += 50_000) {
            ChunkAssembler assembler = assembler();
            assembler.add(exactly(Arrays.copyOf(sent, length)));
            assertThat(next(assembler)).isNull();
            assembler.add(exactly(Arrays.copyOfRange(sent, length, length + 1)));
            assembler.close();
            assertThat(aliveBytes()).isZero();
        }
    }

    @Test
    void shouldRefuseGarbageBeforeItWaitsForMore() {
        ChunkAssembler assembler = assembler();
        assembler.add(exactly(new byte[] {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}));
        assertRefused(assembler, "no Section Header Block");
    }

    @Test
    void shouldRefuseLengthsThatCannotBe() {
        byte[] sent = CHUNKS.getFirst();
        assertRefused(with(sent, 4, -1), "length=4294967295");
        assertRefused(with(sent, 4, ChunkHeaderCodec.MAX_SECTION_HEADER_LENGTH + 4), "length=4100");
        assertRefused(with(sent, 4, 0), "length=0");
        byte[] fourGib = with(with(sent, 16, 0), 20, 1);
        assertRefused(withHeaderCrc(fourGib), "section length=4294967296");
        assertRefused(withHeaderCrc(with(with(sent, 16, -2), 20, -1)), "section length=-2");
    }

    @Test
    void shouldRefuseAChunkForWhichThereCanNeverBeRoom() {
        byte[] sent = CHUNKS.get(4);
        ChunkAssembler assembler = new ChunkAssembler(NODE, sent.length - 4, allocator);
        assembler.add(exactly(sent));
        assertRefused(assembler, "is more than limit=" + (sent.length - 4));
    }

    @Test
    void shouldRefuseAnotherNodesChunk() {
        assertRefused(ChunkFixtures.node("node-b").packets(packet()), "is not of node=node-a");
    }

    @Test
    void shouldRefuseAChunkThatWasNeverSealed() {
        assertRefused(ChunkFixtures.node("node-a").openPackets(packet()), "no length");
    }

    @Test
    void shouldRefuseAWrongHeaderCrc() {
        byte[] sent = CHUNKS.getFirst();
        assertRefused(Mutations.flipBit(sent, 60 * 8L), "header CRC32C");
    }

    private static List<FixturePacket> packet() {
        return List.of(FixturePacket.ethernet("eth0", 1, new byte[60]));
    }

    private static byte[] with(byte[] bytes, int offset, int value) {
        byte[] changed = bytes.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        return changed;
    }

    /** With the right CRC for the header as it is now: what follows from a wrong field is not hidden by a wrong CRC. */
    private static byte[] withHeaderCrc(byte[] chunk) {
        return HeaderCrc.corrected(chunk);
    }

    private void assertRefused(byte[] stream, String words) {
        byte[] sound = CHUNKS.get(1);
        ChunkAssembler assembler = assembler();
        assembler.add(exactly(sound));
        Chunk first = whole(assembler);
        first.release();
        assembler.add(exactly(stream));
        assertRefused(assembler, words);
        assertThatThrownBy(assembler::header).as("again").isInstanceOf(HindsightException.class);
    }

    private void assertRefused(ChunkAssembler assembler, String words) {
        long before = aliveBytes();
        assertThatThrownBy(assembler::header)
                .isInstanceOfSatisfying(
                        HindsightException.class,
                        refusal -> {
                            assertThat(refusal.code()).isEqualTo(ErrorCode.INTEGRITY_VIOLATED);
                            assertThat(refusal)
                                    .hasMessageContaining("offset=" + assembler.startOffset())
                                    .hasMessageContaining(words);
                        });
        assertThat(aliveBytes()).as("nothing was allocated").isLessThanOrEqualTo(before);
        assembler.close();
        assertThat(aliveBytes()).isZero();
    }

    @Property(tries = 1_000)
    void shouldRefuseOrWaitButNeverFailOnMutatedBytes(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] sent = Mutations.mutate(CHUNKS.get(random.nextInt(4)), random);
        ChunkAssembler assembler = assembler();
        List<Chunk> received = new ArrayList<>();
        HostileInput.isRefused(() -> feed(assembler, sent, random, received));
        for (Chunk chunk : received) {
            ChunkHeader header = chunk.header();
            assertThat(header.nodeIdHash()).isEqualTo(NODE.hash());
            assertThat(header.lengthBytes()).isLessThanOrEqualTo(sent.length);
            chunk.release();
        }
        assembler.close();
        assertThat(aliveBytes()).isZero();
    }

    private void feed(ChunkAssembler assembler, byte[] stream, Random random, List<Chunk> received) {
        for (int at = 0; at < stream.length; ) {
            int end = Math.min(stream.length, at + random.nextInt(1, 1_000));
            assembler.add(buffer(true, 2_048, stream, at, end));
            at = end;
            for (Chunk chunk = next(assembler); chunk != null; chunk = next(assembler)) {
                received.add(chunk);
            }
        }
    }
}
