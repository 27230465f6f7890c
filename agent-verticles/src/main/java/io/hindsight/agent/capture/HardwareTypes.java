package io.hindsight.agent.capture;

import java.util.Map;

/**
 * Which link type (tcpdump.org/linktypes.html) the packets of a Linux interface have, by its hardware type ({@code ARPHRD_} in
 * linux/if_arp.h), where a socket of type {@code SOCK_RAW} hands them over as they are.
 *
 * <p>Tunnels and PPP show a packet from its IP header on, so they are RAW. Where Linux has no fitting header to show (InfiniBand), or one
 * in the machine's byte order (CAN), or the type is not known, packets are kept as they came under {@link #LINK_TYPE_USER0}: nothing is
 * lost, and a reader can be told what they are.
 */
public final class HardwareTypes {
    public static final int LINK_TYPE_ETHERNET = 1;
    public static final int LINK_TYPE_RAW = 101;

    /** LINKTYPE_USER0: the fallback. */
    public static final int LINK_TYPE_USER0 = 147;

    public static final int ETHERNET = 1;
    public static final int LOOPBACK = 772;

    private static final Map<Integer, Integer> LINK_TYPES =
            Map.ofEntries(
                    Map.entry(ETHERNET, LINK_TYPE_ETHERNET),
                    Map.entry(LOOPBACK, LINK_TYPE_ETHERNET),
                    Map.entry(512, LINK_TYPE_RAW), // PPP: Linux shows no PPP header
                    Map.entry(519, LINK_TYPE_RAW), // RAWIP
                    Map.entry(768, LINK_TYPE_RAW), // TUNNEL: IPIP
                    Map.entry(769, LINK_TYPE_RAW), // TUNNEL6
                    Map.entry(776, LINK_TYPE_RAW), // SIT
                    Map.entry(778, LINK_TYPE_RAW), // IPGRE
                    Map.entry(823, LINK_TYPE_RAW), // IP6GRE
                    Map.entry(0xFFFE, LINK_TYPE_RAW), // NONE: tun, wireguard
                    Map.entry(801, 105), // IEEE80211
                    Map.entry(802, 119), // IEEE80211_PRISM
                    Map.entry(803, 127), // IEEE80211_RADIOTAP
                    Map.entry(513, 104), // CISCO HDLC
                    Map.entry(824, 253), // NETLINK
                    Map.entry(826, 271)); // VSOCKMON

    private HardwareTypes() {}

    /** LINKTYPE_ value of an interface of this hardware type. */
    public static int linkType(int hardwareType) {
        return LINK_TYPES.getOrDefault(hardwareType, LINK_TYPE_USER0);
    }

    /** Every hardware type whose link type is known, with it. */
    public static Map<Integer, Integer> known() {
        return LINK_TYPES;
    }
}
