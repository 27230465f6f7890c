package io.hindsight.agent.capture.linux;

/**
 * Messages about interfaces on a route netlink socket, after the header of {@link NetlinkDescriptor}: {@code struct ifinfomsg} and its attributes
 * {@code struct rtattr} (linux/rtnetlink.h). All in the machine's byte order.
 *
 * <pre>
 * offset  width  field
 *     16      1  ifi_family   0, or AF_BRIDGE in messages about a bridge's port
 *     17      1  padding
 *     18      2  ifi_type     ARPHRD_ value
 *     20      4  ifi_index
 *     24      4  ifi_flags    IFF_ values
 *     28      4  ifi_change
 *     32    ...  attributes: length with this header (2), type (2), value, padded to 4
 * </pre>
 */
final class LinkMessageDescriptor {
    static final int LINK_FAMILY_OFFSET = NetlinkDescriptor.HEADER_LENGTH;
    static final int LINK_TYPE_OFFSET = LINK_FAMILY_OFFSET + Short.BYTES;
    static final int LINK_INDEX_OFFSET = LINK_TYPE_OFFSET + Short.BYTES;
    static final int LINK_FLAGS_OFFSET = LINK_INDEX_OFFSET + Integer.BYTES;
    static final int LINK_CHANGE_OFFSET = LINK_FLAGS_OFFSET + Integer.BYTES;
    static final int ATTRIBUTES_OFFSET = LINK_CHANGE_OFFSET + Integer.BYTES;

    static final int ATTRIBUTE_LENGTH_OFFSET = 0;
    static final int ATTRIBUTE_TYPE_OFFSET = ATTRIBUTE_LENGTH_OFFSET + Short.BYTES;
    static final int ATTRIBUTE_VALUE_OFFSET = ATTRIBUTE_TYPE_OFFSET + Short.BYTES;

    static final int TYPE_NEW_LINK = 16;
    static final int TYPE_DELETE_LINK = 17;
    static final int TYPE_GET_LINK = 18;

    /** {@code NLM_F_REQUEST | NLM_F_DUMP}: every interface. */
    static final int FLAGS_DUMP_REQUEST = NetlinkDescriptor.FLAG_REQUEST | NetlinkDescriptor.FLAG_DUMP;

    /** {@code RTMGRP_LINK}: tell of every change. */
    static final int GROUP_LINK = 1;

    /** Attribute {@code IFLA_IFNAME}: the name, ended by a zero byte. */
    static final int ATTRIBUTE_NAME = 3;

    /** {@link #LINK_FLAGS_OFFSET}: {@code IFF_UP}. */
    static final int FLAG_UP = 1;

    private LinkMessageDescriptor() {}
}
