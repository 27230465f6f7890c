package io.hindsight.hub.flow;

/** What one end sent, as one point saw it. */
final class Traffic {
    private long packets;
    private long bytes;
    private int retransmissions;
    private int resets;

    void add(int wireLength) {
        packets++;
        bytes += wireLength;
    }

    void addRetransmission() {
        retransmissions++;
    }

    void addReset() {
        resets++;
    }

    long packets() {
        return packets;
    }

    long bytes() {
        return bytes;
    }

    int retransmissions() {
        return retransmissions;
    }

    int resets() {
        return resets;
    }
}
