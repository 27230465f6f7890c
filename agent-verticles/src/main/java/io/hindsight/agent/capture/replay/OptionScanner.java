package io.hindsight.agent.capture.replay;

import io.hindsight.pcapng.BlockDescriptor;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.pcapng.InterfaceDescriptionBlockDescriptor;
import io.hindsight.pcapng.OptionDescriptor;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Looks through a block's options for those that matter. Its answers hold until the next scan. */
final class OptionScanner {
    /** {@code if_tsoffset}. */
    private static final int OPTION_TIMESTAMP_OFFSET = 14;

    private static final int DIRECTION_MASK = 3;

    private final CaptureFile file;
    private String interfaceName = "";
    private int resolutionCode;
    private long offsetSeconds;
    private int direction;

    OptionScanner(CaptureFile file) {
        this.file = file;
    }

    /** Options of an interface description block, from one offset to another. */
    void scanInterface(long from, long end) {
        interfaceName = "";
        resolutionCode = TimestampResolution.MICROSECONDS.code();
        offsetSeconds = 0;
        for (long option = from; isOption(option, end); option += encodedLength(option)) {
            readInterfaceOption(option, length(option, end));
        }
    }

    /** Options of a packet block. */
    void scanPacket(long from, long end) {
        direction = EnhancedPacketBlockDescriptor.DIRECTION_UNKNOWN;
        for (long option = from; isOption(option, end); option += encodedLength(option)) {
            if (length(option, end) == Integer.BYTES
                    && file.unsigned16(option) == EnhancedPacketBlockDescriptor.OPTION_FLAGS) {
                direction = file.int32(option + OptionDescriptor.VALUE_OFFSET) & DIRECTION_MASK;
            }
        }
    }

    private boolean isOption(long option, long end) {
        return end - option >= OptionDescriptor.VALUE_OFFSET
                && file.unsigned16(option) != OptionDescriptor.END_OF_OPTIONS;
    }

    private int length(long option, long end) {
        int length = file.unsigned16(option + OptionDescriptor.LENGTH_OFFSET);
        if (length > end - option - OptionDescriptor.VALUE_OFFSET) {
            throw file.broken(option, "an option of length=" + length + " that runs past the end of its block");
        }
        return length;
    }

    private int encodedLength(long option) {
        return OptionDescriptor.VALUE_OFFSET
                + BlockDescriptor.align(file.unsigned16(option + OptionDescriptor.LENGTH_OFFSET));
    }

    private void readInterfaceOption(long option, int length) {
        long value = option + OptionDescriptor.VALUE_OFFSET;
        switch (file.unsigned16(option)) {
            case InterfaceDescriptionBlockDescriptor.OPTION_NAME ->
                    interfaceName =
                            new String(
                                    file.bytes().asSlice(value, length).toArray(ValueLayout.JAVA_BYTE),
                                    StandardCharsets.UTF_8);
            case InterfaceDescriptionBlockDescriptor.OPTION_TIMESTAMP_RESOLUTION -> {
                requireLength(option, length, Byte.BYTES);
                resolutionCode = file.unsigned8(value);
            }
            case OPTION_TIMESTAMP_OFFSET -> {
                requireLength(option, length, Long.BYTES);
                offsetSeconds = file.int64(value);
            }
            default -> {
                // the rest describes, and changes nothing
            }
        }
    }

    private void requireLength(long option, int length, int wanted) {
        if (length != wanted) {
            throw file.broken(option, "an option of length=" + length + " that is always " + wanted + " long");
        }
    }

    /** {@code if_name}, or empty. */
    String interfaceName() {
        return interfaceName;
    }

    TimestampResolution resolution() {
        return new TimestampResolution(resolutionCode, offsetSeconds);
    }

    /** An {@code EnhancedPacketBlockDescriptor.DIRECTION_} value. */
    int direction() {
        return direction;
    }
}
