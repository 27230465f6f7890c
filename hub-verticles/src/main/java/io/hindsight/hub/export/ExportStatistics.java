package io.hindsight.hub.export;

/**
 * What an export has written, and what it left out.
 *
 * @param packets written
 * @param records written that are not packets
 * @param bytes written
 * @param chunks read
 * @param filteredOut packets and events that a filter did not accept
 * @param outsideWindow records of the chunks read that lie outside the window
 * @param unsupported records that the format cannot hold: journal records in pcap
 * @param notAskedFor entries of checkpoints
 * @param unreadable events whose content a filter by names could not read
 * @param commentedFlows comments on flows that were written
 * @param uncommentedFlows flows that have none because there were too many to know them all; at least so many
 */
public record ExportStatistics(
        long packets,
        long records,
        long bytes,
        long chunks,
        long filteredOut,
        long outsideWindow,
        long unsupported,
        long notAskedFor,
        long unreadable,
        long commentedFlows,
        long uncommentedFlows) {
    /** Of an export that wrote so much and left nothing out. */
    static ExportStatistics ofAll(long packets, long records, long bytes, long chunks) {
        return new ExportStatistics(packets, records, bytes, chunks, 0, 0, 0, 0, 0, 0, 0);
    }
}
