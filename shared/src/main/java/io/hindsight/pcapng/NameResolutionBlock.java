package io.hindsight.pcapng;

import static io.hindsight.pcapng.LittleEndian.U32;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads and writes Name Resolution Blocks as whole byte strings ({@link NameResolutionBlockDescriptor}). Stateless. */
public final class NameResolutionBlock {
    private static final int IPV4_LENGTH = 4;
    private static final int IPV6_LENGTH = 16;

    private NameResolutionBlock() {}

    /** A block of these names. Names of one address longer than 65,535 bytes together are an {@link IllegalArgumentException}. */
    public static byte[] encode(List<ResolvedName> names) {
        List<byte[]> values = names.stream().map(NameResolutionBlock::value).toList();
        int length = BlockDescriptor.MIN_LENGTH + OptionDescriptor.encodedLength(0);
        for (byte[] value : values) {
            length = Math.addExact(length, OptionDescriptor.encodedLength(value.length));
        }
        byte[] block = new byte[length];
        BlockWriter writer = BlockWriter.begin(MemorySegment.ofArray(block), 0, NameResolutionBlockDescriptor.TYPE);
        for (int i = 0; i < values.size(); i++) {
            // A record is laid out like an option.
            writer.option(recordType(names.get(i).address()), values.get(i));
        }
        writer.u32(NameResolutionBlockDescriptor.RECORD_END).end();
        return block;
    }

    private static int recordType(InetAddress address) {
        return address instanceof Inet4Address
                ? NameResolutionBlockDescriptor.RECORD_IPV4
                : NameResolutionBlockDescriptor.RECORD_IPV6;
    }

    private static byte[] value(ResolvedName name) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.writeBytes(name.address().getAddress());
        for (String each : name.names()) {
            value.writeBytes(each.getBytes(StandardCharsets.UTF_8));
            value.write(0);
        }
        return value.toByteArray();
    }

    /**
     * Reads the block that starts at the offset and whose framing was checked ({@link BlockCursor}). Records of other kinds are passed by.
     *
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset, where a record is broken
     */
    public static List<ResolvedName> read(MemorySegment segment, long block) {
        int length = segment.get(U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        OptionCursor records =
                new OptionCursor(
                        segment,
                        block + NameResolutionBlockDescriptor.RECORDS_OFFSET,
                        block + length - BlockDescriptor.TRAILER_LENGTH);
        List<ResolvedName> names = new ArrayList<>();
        while (records.next()) {
            switch (records.code()) {
                case NameResolutionBlockDescriptor.RECORD_IPV4 -> names.add(parse(records, IPV4_LENGTH));
                case NameResolutionBlockDescriptor.RECORD_IPV6 -> names.add(parse(records, IPV6_LENGTH));
                default -> {
                    // MAC addresses and what later versions know.
                }
            }
        }
        return names;
    }

    private static ResolvedName parse(OptionCursor record, int addressLength) {
        byte[] value = record.value();
        if (value.length <= addressLength + 1 || value[value.length - 1] != 0) {
            throw broken(record);
        }
        String text = new String(value, addressLength, value.length - addressLength - 1, StandardCharsets.UTF_8);
        try {
            InetAddress address = InetAddress.getByAddress(Arrays.copyOf(value, addressLength));
            return new ResolvedName(address, Arrays.asList(text.split("\0", -1)));
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw broken(record);
        }
    }

    private static HindsightException broken(OptionCursor record) {
        return new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED,
                "No name record at offset=" + record.offset() + ": length=" + record.length() + ".");
    }
}
