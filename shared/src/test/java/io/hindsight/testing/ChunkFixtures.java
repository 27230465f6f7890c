package io.hindsight.testing;

import io.hindsight.chunk.Chunk;
import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.chunk.Crc32c;
import io.hindsight.chunk.NodeId;
import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceBlocks;
import io.hindsight.pcapng.JournalEntryWriter;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes real chunks without the recorder: the same bytes, put together in the plainest way. One fixture describes the header; then
 * {@link #packets}, {@link #journal} or an open variant gives the bytes. Immutable.
 *
 * <pre>{@code
 * byte[] chunk = ChunkFixtures.node("node-1").sequence(7).packets(List.of(FixturePacket.ethernet("eth0", 1_000, data)));
 * byte[] events = ChunkFixtures.node("node-1").journal(ChunkSource.OS, List.of(FixtureEntry.of(2_000, "started")));
 * Chunk message = ChunkFixtures.asChunk(chunk);
 * }</pre>
 */
public record ChunkFixtures(NodeId node, long sequence, int writer, int flags, List<Long> drops) {
    private static final String APPLICATION = "hindsight test";
    private static final int SNAP_LENGTH = 262_144;
    private static final int MAX_ENTRY_LENGTH = 4 << 20;

    /** Chunks of this node: sequence 1, writer 0, no flags, no drops. */
    public static ChunkFixtures node(String name) {
        return new ChunkFixtures(new NodeId(name), 1, 0, 0, ChunkHeader.NO_DROPS);
    }

    /** With another sequence. */
    public ChunkFixtures sequence(long value) {
        return new ChunkFixtures(node, value, writer, flags, drops);
    }

    /** With another writer. */
    public ChunkFixtures writer(int value) {
        return new ChunkFixtures(node, sequence, value, flags, drops);
    }

    /** With a flag set. */
    public ChunkFixtures with(ChunkFlag flag) {
        return new ChunkFixtures(node, sequence, writer, flags | flag.mask(), drops);
    }

    /** With drops, in the order of {@link io.hindsight.chunk.DropCause}; four of them. */
    public ChunkFixtures drops(Long... byCause) {
        return new ChunkFixtures(node, sequence, writer, flags, List.of(byCause));
    }

    /** A sealed chunk: IDBs, EPBs in the order given, one ISB for each interface. */
    public byte[] packets(List<FixturePacket> packets) {
        return sealed(ChunkSource.PACKETS, times(packets), body(packets, true));
    }

    /** A chunk as it lies in the ring while it is filled: section length -1, no counts, no checksums, no ISB. */
    public byte[] openPackets(List<FixturePacket> packets) {
        ChunkHeader header =
                header(
                        ChunkSource.PACKETS,
                        flags | ChunkFlag.OPEN_PREFIX.mask(),
                        new long[0],
                        0,
                        ChunkHeader.LENGTH_UNKNOWN);
        return join(header, body(packets, false));
    }

    /** A sealed chunk of journal entries. */
    public byte[] journal(ChunkSource source, List<FixtureEntry> entries) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        JournalEntryWriter writer = new JournalEntryWriter(MAX_ENTRY_LENGTH);
        for (FixtureEntry entry : entries) {
            writer.begin(entry.timestampNs());
            entry.fields().forEach(writer::field);
            byte[] block = new byte[writer.blockLength()];
            writer.writeTo(MemorySegment.ofArray(block), 0);
            body.writeBytes(block);
        }
        long[] times = entries.stream().mapToLong(FixtureEntry::timestampNs).toArray();
        return sealed(source, times, body.toByteArray());
    }

    /** The bytes as the message that passes over the local bus. */
    public static Chunk asChunk(byte[] chunk) {
        ChunkHeader header = ChunkVerifier.checkBytes(MemorySegment.ofArray(chunk), 0);
        return Chunk.unowned(header, List.of(ByteBuffer.wrap(chunk)));
    }

    /** All chunks in one file's bytes. */
    public static byte[] concatenate(List<byte[]> chunks) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        chunks.forEach(file::writeBytes);
        return file.toByteArray();
    }

    private byte[] sealed(ChunkSource source, long[] times, byte[] body) {
        int crc = Crc32c.of(MemorySegment.ofArray(body));
        return join(header(source, flags, times, crc, codec().sectionHeaderLength() + body.length), body);
    }

    private ChunkHeader header(ChunkSource source, int headerFlags, long[] times, int bodyCrc, long lengthBytes) {
        long first = times.length == 0 ? 0 : Long.MAX_VALUE;
        long last = times.length == 0 ? 0 : Long.MIN_VALUE;
        for (long time : times) {
            first = Math.min(first, time);
            last = Math.max(last, time);
        }
        return new ChunkHeader(
                source,
                headerFlags,
                writer,
                times.length,
                node.hash(),
                sequence,
                first,
                last,
                drops,
                bodyCrc,
                lengthBytes);
    }

    private byte[] join(ChunkHeader header, byte[] body) {
        int headerLength = codec().sectionHeaderLength();
        byte[] chunk = new byte[headerLength + body.length];
        codec().write(MemorySegment.ofArray(chunk), 0, header);
        System.arraycopy(body, 0, chunk, headerLength, body.length);
        return chunk;
    }

    private ChunkHeaderCodec codec() {
        return new ChunkHeaderCodec(node, APPLICATION);
    }

    private static long[] times(List<FixturePacket> packets) {
        return packets.stream().mapToLong(FixturePacket::timestampNs).toArray();
    }

    private byte[] body(List<FixturePacket> packets, boolean statistics) {
        Map<Interface, Long> counts = new LinkedHashMap<>();
        packets.forEach(packet -> counts.merge(Interface.of(packet), 1L, Long::sum));
        List<Interface> interfaces = List.copyOf(counts.keySet());
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        interfaces.forEach(each ->
                body.writeBytes(InterfaceBlocks.description(each.linkType(), SNAP_LENGTH, each.name(), "", "")));
        packets.forEach(packet -> body.writeBytes(block(packet, interfaces.indexOf(Interface.of(packet)))));
        if (statistics) {
            long lastNs = packets.stream().mapToLong(FixturePacket::timestampNs).max().orElse(0);
            counts.forEach((each, count) -> body.writeBytes(statistics(interfaces.indexOf(each), lastNs, count)));
        }
        return body.toByteArray();
    }

    private static byte[] block(FixturePacket packet, int interfaceId) {
        int length = packet.data().length;
        byte[] block = new byte[EnhancedPacketBlockDescriptor.encodedLength(length)];
        MemorySegment segment = MemorySegment.ofArray(block);
        EnhancedPacketBlock.writeFrame(
                segment, 0, interfaceId, packet.timestampNs(), length, packet.originalLength(), packet.direction());
        MemorySegment.copy(
                packet.data(), 0, segment, ValueLayout.JAVA_BYTE, EnhancedPacketBlockDescriptor.DATA_OFFSET, length);
        return block;
    }

    private byte[] statistics(int interfaceId, long timestampNs, long received) {
        MemorySegment block = MemorySegment.ofArray(new byte[InterfaceBlocks.maxStatisticsLength()]);
        int length =
                InterfaceBlocks.writeStatistics(
                        block, 0, interfaceId, timestampNs, received, drops.get(0), drops.get(1));
        return block.asSlice(0, BlockDescriptor.align(length)).toArray(ValueLayout.JAVA_BYTE);
    }

    private record Interface(String name, int linkType) {
        static Interface of(FixturePacket packet) {
            return new Interface(packet.interfaceName(), packet.linkType());
        }
    }
}
