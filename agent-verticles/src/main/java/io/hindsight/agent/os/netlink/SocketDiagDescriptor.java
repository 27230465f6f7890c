package io.hindsight.agent.os.netlink;

import io.hindsight.agent.capture.linux.NetlinkDescriptor;

/**
 * Question and answer about sockets: {@code struct inet_diag_req_v2} and {@code struct inet_diag_msg} (linux/inet_diag.h). Ports and addresses are in network byte order,
 * everything else in the machine's.
 *
 * <pre>
 * offset  width  question                    offset  width  answer
 *     16      1  sdiag_family                    16      1  idiag_family
 *     17      1  sdiag_protocol                  17      1  idiag_state
 *     18      1  idiag_ext                       18      1  idiag_timer
 *     19      1  padding                         19      1  idiag_retrans
 *     20      4  idiag_states: a bit for each    20     48  id
 *     24     48  id                              68      4  idiag_expires
 *                                                72      4  idiag_rqueue
 *  id                                            76      4  idiag_wqueue
 *      0      2  idiag_sport                     80      4  idiag_uid
 *      2      2  idiag_dport                     84      4  idiag_inode
 *      4     16  idiag_src
 *     20     16  idiag_dst
 *     36      4  idiag_if
 *     40      8  idiag_cookie
 * </pre>
 */
final class SocketDiagDescriptor {
    /** {@code SOCK_DIAG_BY_FAMILY}. */
    static final int TYPE = 20;

    static final int FAMILY_OFFSET = NetlinkDescriptor.HEADER_LENGTH;
    static final int REQUEST_PROTOCOL_OFFSET = FAMILY_OFFSET + Byte.BYTES;
    static final int REQUEST_STATES_OFFSET = FAMILY_OFFSET + Integer.BYTES;
    static final int REQUEST_LENGTH = REQUEST_STATES_OFFSET + Integer.BYTES + 48;

    static final int STATE_OFFSET = FAMILY_OFFSET + Byte.BYTES;
    static final int LOCAL_PORT_OFFSET = FAMILY_OFFSET + Integer.BYTES;
    static final int REMOTE_PORT_OFFSET = LOCAL_PORT_OFFSET + Short.BYTES;
    static final int LOCAL_ADDRESS_OFFSET = REMOTE_PORT_OFFSET + Short.BYTES;
    static final int REMOTE_ADDRESS_OFFSET = LOCAL_ADDRESS_OFFSET + 16;
    static final int INODE_OFFSET = REMOTE_ADDRESS_OFFSET + 16 + 4 + 8 + 4 * Integer.BYTES;
    static final int LENGTH = INODE_OFFSET + Integer.BYTES;

    private SocketDiagDescriptor() {}
}
