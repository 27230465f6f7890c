package io.hindsight.bpf;

/**
 * LINKTYPE_ values are what files hold, DLT_ values what libpcap's calls take. They differ, on Linux, for a few old types only
 * (tcpdump.org/linktypes.html; libpcap's {@code pcap-common.c}).
 */
final class LinkTypes {
    private static final int[][] LINK_TYPE_AND_DLT = {
        {100, 11}, // ATM_RFC1483
        {101, 12}, // RAW
        {102, 15}, // SLIP_BSDOS
        {103, 16}, // PPP_BSDOS
        {106, 19}, // ATM_CLIP
    };

    private LinkTypes() {}

    static int toDlt(int linkType) {
        for (int[] pair : LINK_TYPE_AND_DLT) {
            if (pair[0] == linkType) {
                return pair[1];
            }
        }
        return linkType;
    }

    static int ofDlt(int dlt) {
        for (int[] pair : LINK_TYPE_AND_DLT) {
            if (pair[1] == dlt) {
                return pair[0];
            }
        }
        return dlt;
    }
}
