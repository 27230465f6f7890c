package io.hindsight.pcapng;

import static io.hindsight.pcapng.LittleEndian.U16;
import static io.hindsight.pcapng.LittleEndian.U32;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;

/**
 * What an Interface Description Block says, as far as Hindsight writes it.
 *
 * @param linkType LINKTYPE_ value
 * @param snapLength 0: no limit
 * @param name as the kernel has it; empty: none
 * @param description for people; empty: none
 * @param filter BPF expression; empty: none
 * @param timestampResolution as in the block: 9 is nanoseconds, and what a section without the option means is 6, microseconds
 */
public record InterfaceDescription(
        int linkType, int snapLength, String name, String description, String filter, int timestampResolution) {
    /** What a block without the option has: microseconds. */
    public static final int DEFAULT_TIMESTAMP_RESOLUTION = 6;

    private static final InterfaceDescription BARE =
            new InterfaceDescription(0, 0, "", "", "", DEFAULT_TIMESTAMP_RESOLUTION);

    /** Whether its packets' times are in nanoseconds. */
    public boolean isNanosecond() {
        return timestampResolution == InterfaceDescriptionBlockDescriptor.NANOSECOND_RESOLUTION;
    }

    /** The same interface as a block; always of nanosecond resolution. */
    public byte[] toBlock() {
        return InterfaceBlocks.description(linkType, snapLength, name, description, filter);
    }

    /**
     * Reads the block that starts at the offset and whose framing was checked ({@link BlockCursor}).
     *
     * @throws HindsightException INTEGRITY_VIOLATED naming the offset, where its options are broken
     */
    public static InterfaceDescription read(MemorySegment segment, long block) {
        int length = segment.get(U32, block + BlockDescriptor.TOTAL_LENGTH_OFFSET);
        OptionCursor options =
                new OptionCursor(
                        segment,
                        block + InterfaceDescriptionBlockDescriptor.OPTIONS_OFFSET,
                        block + length - BlockDescriptor.TRAILER_LENGTH);
        InterfaceDescription found = BARE;
        while (options.next()) {
            found = found.with(options);
        }
        return new InterfaceDescription(
                Short.toUnsignedInt(segment.get(U16, block + InterfaceDescriptionBlockDescriptor.LINK_TYPE_OFFSET)),
                segment.get(U32, block + InterfaceDescriptionBlockDescriptor.SNAP_LENGTH_OFFSET),
                found.name,
                found.description,
                found.filter,
                found.timestampResolution);
    }

    private InterfaceDescription with(OptionCursor option) {
        return switch (option.code()) {
            case InterfaceDescriptionBlockDescriptor.OPTION_NAME ->
                    new InterfaceDescription(
                            linkType, snapLength, option.text(), description, filter, timestampResolution);
            case InterfaceDescriptionBlockDescriptor.OPTION_DESCRIPTION ->
                    new InterfaceDescription(linkType, snapLength, name, option.text(), filter, timestampResolution);
            case InterfaceDescriptionBlockDescriptor.OPTION_FILTER ->
                    new InterfaceDescription(
                            linkType, snapLength, name, description, filterText(option), timestampResolution);
            case InterfaceDescriptionBlockDescriptor.OPTION_TIMESTAMP_RESOLUTION ->
                    new InterfaceDescription(linkType, snapLength, name, description, filter, resolution(option));
            default -> this;
        };
    }

    /** The value's first byte tells the kind of filter; 0 is text. */
    private static String filterText(OptionCursor option) {
        String value = option.text();
        return value.startsWith("\0") ? value.substring(1) : "";
    }

    private static int resolution(OptionCursor option) {
        if (option.length() != 1) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "Not a timestamp resolution: offset=" + option.offset() + ": length=" + option.length() + ".");
        }
        return Byte.toUnsignedInt(option.value()[0]);
    }
}
