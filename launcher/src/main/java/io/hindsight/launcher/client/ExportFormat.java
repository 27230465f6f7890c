package io.hindsight.launcher.client;

/** What an export is written as. The names are the option's values. */
enum ExportFormat {
    /** Everything, as pcapng with nanoseconds. */
    pcapng("application/x-pcapng"),
    /** Packets only, as pcap with nanoseconds. */
    pcap("application/vnd.tcpdump.pcap"),
    /** Events, one JSON object a line. */
    ndjson("application/x-ndjson");

    private final String mediaType;

    ExportFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }
}
