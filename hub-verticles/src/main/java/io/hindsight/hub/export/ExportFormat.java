package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Arrays;

/** What an export writes. */
public enum ExportFormat {
    /** pcapng with every record, an interface block for each node's interface, journal entries inline. */
    PCAPNG("pcapng", "application/x-pcapng", "pcapng"),
    /** Classic pcap with nanosecond times: packets of one link type. */
    PCAP("pcap", "application/vnd.tcpdump.pcap", "pcap"),
    /** One JSON object a line for each record that is not a packet. */
    NDJSON("ndjson", "application/x-ndjson", "ndjson");

    private final String label;
    private final String mediaType;
    private final String fileExtension;

    ExportFormat(String label, String mediaType, String fileExtension) {
        this.label = label;
        this.mediaType = mediaType;
        this.fileExtension = fileExtension;
    }

    /** Name in requests and on the command line. */
    public String label() {
        return label;
    }

    /** Value of {@code Content-Type}. */
    public String mediaType() {
        return mediaType;
    }

    /** Without the dot. */
    public String fileExtension() {
        return fileExtension;
    }

    /** The format of this name; another one is {@link ErrorCode#INVALID_REQUEST}. */
    public static ExportFormat ofLabel(String label) {
        for (ExportFormat format : values()) {
            if (format.label.equals(label)) {
                return format;
            }
        }
        throw HindsightException.ofField(
                ErrorCode.INVALID_REQUEST,
                "format",
                "The format="
                        + label
                        + " is not one of "
                        + Arrays.stream(values()).map(ExportFormat::label).toList()
                        + ".");
    }
}
