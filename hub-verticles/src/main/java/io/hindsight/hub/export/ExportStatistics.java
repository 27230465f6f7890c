package io.hindsight.hub.export;

/**
 * What an export has written, and what it left out.
 *
 * @param packets written
 * @param records written that are not packets
 * @param bytes written
 * @param chunks read
 * @param filteredOut packets that the filter did not accept
 * @param outsideWindow records of the chunks read that lie outside the window
 * @param unsupported records that the format cannot hold: journal records in pcap
 */
public record ExportStatistics(
        long packets, long records, long bytes, long chunks, long filteredOut, long outsideWindow, long unsupported) {}
