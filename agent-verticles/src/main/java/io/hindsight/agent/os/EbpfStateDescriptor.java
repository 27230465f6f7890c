package io.hindsight.agent.os;

import io.hindsight.event.OsEvent.Kind;
import java.util.List;

/**
 * The variables of the kernel programs ({@code src/main/ebpf/records.h}). In the machine's byte order. {@code n} is a kind's position in {@link #KINDS}.
 *
 * <pre>
 * Section .bss, written by the programs:
 * offset       width  field
 *   192 s + 8 n    8  produced       of 64 slots s, one for each processor
 *  + 64            8  ring full      as many of them were lost because of it
 *  + 128           8  rate limited   as many of them were lost by it
 *   12288 + 8 n    8  the programs' own
 *
 * Section .rodata.settings, put in before loading:
 *   8 n            8  interval between two events, in the long run; 0: no limit
 *  + 64            8  interval times the number that may come at once
 * </pre>
 */
final class EbpfStateDescriptor {
    /** In the order of {@code enum kind}. */
    static final List<Kind> KINDS =
            List.of(Kind.FORK, Kind.EXEC, Kind.EXIT, Kind.CONNECT, Kind.ACCEPT, Kind.STATE, Kind.CLOSE, Kind.OOM_KILL);

    private static final int ROW_LENGTH = 8 * Long.BYTES;

    static final int SLOTS = 64;
    static final int PRODUCED_OFFSET = 0;
    static final int RING_FULL_OFFSET = PRODUCED_OFFSET + ROW_LENGTH;
    static final int RATE_LIMITED_OFFSET = RING_FULL_OFFSET + ROW_LENGTH;
    static final int SLOT_LENGTH = RATE_LIMITED_OFFSET + ROW_LENGTH;
    static final int PAID_UNTIL_OFFSET = SLOTS * SLOT_LENGTH;
    static final int STATE_LENGTH = PAID_UNTIL_OFFSET + ROW_LENGTH;

    static final int INTERVAL_OFFSET = 0;
    static final int BURST_OFFSET = INTERVAL_OFFSET + ROW_LENGTH;
    static final int SETTINGS_LENGTH = BURST_OFFSET + ROW_LENGTH;

    private EbpfStateDescriptor() {}
}
