package io.hindsight.hub.packet;

/**
 * What stands in front of an IP header, by LINKTYPE_ value (tcpdump.org/linktypes.html). All in network byte order but BSD's loopback.
 *
 * <pre>
 *   1 ETHERNET     0 destination 6, 6 source 6, 12 type 2: an EtherType, or a tag
 *                  tag: 0 control 2, 2 type 2
 * 113 LINUX_SLL    0 packet type 2, 2 ARPHRD_ 2, 4 address length 2, 6 address 8, 14 protocol 2
 * 276 LINUX_SLL2   0 protocol 2, 2 reserved 2, 4 interface 4, 8 ARPHRD_ 2, 10 packet type 1, 11 address length 1, 12 address 8
 *   0 NULL         0 address family 4, in the byte order of the machine that captured
 * 108 LOOP         0 address family 4
 * 101 RAW, 228 IPV4, 229 IPV6: nothing
 * </pre>
 */
final class LinkDescriptor {
    static final int NULL = 0;
    static final int ETHERNET = 1;
    static final int RAW = 101;
    static final int LOOP = 108;
    static final int LINUX_SLL = 113;
    static final int IPV4 = 228;
    static final int IPV6 = 229;
    static final int LINUX_SLL2 = 276;

    static final int ETHERNET_TYPE_OFFSET = 12;
    static final int ETHERNET_LENGTH = ETHERNET_TYPE_OFFSET + Short.BYTES;

    static final int TAG_TYPE_OFFSET = Short.BYTES;
    static final int TAG_LENGTH = TAG_TYPE_OFFSET + Short.BYTES;

    static final int SLL_HARDWARE_OFFSET = 2;
    static final int SLL_PROTOCOL_OFFSET = 14;
    static final int SLL_LENGTH = SLL_PROTOCOL_OFFSET + Short.BYTES;

    static final int SLL2_PROTOCOL_OFFSET = 0;
    static final int SLL2_HARDWARE_OFFSET = 8;
    static final int SLL2_LENGTH = 20;

    static final int FAMILY_LENGTH = Integer.BYTES;

    static final int ETHER_TYPE_IPV4 = 0x0800;
    static final int ETHER_TYPE_IPV6 = 0x86DD;
    static final int ETHER_TYPE_VLAN = 0x8100;
    static final int ETHER_TYPE_QINQ = 0x88A8;

    /** Of switches from before 802.1ad. */
    static final int ETHER_TYPE_OLD_QINQ = 0x9100;

    /** ARPHRD_NETLINK: there, what stands in the place of the protocol is none. */
    static final int HARDWARE_NETLINK = 824;

    /** AF_INET everywhere. */
    static final int FAMILY_INET = 2;

    /** AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin. */
    static final int FAMILY_INET6_LINUX = 10;

    static final int FAMILY_INET6_OPENBSD = 24;
    static final int FAMILY_INET6_FREEBSD = 28;
    static final int FAMILY_INET6_DARWIN = 30;

    private LinkDescriptor() {}
}
