package io.hindsight.agent.capture.linux;

/**
 * {@code struct pollfd} (poll.h).
 *
 * <pre>
 * offset  width  field
 *      0      4  fd
 *      4      2  events   asked for
 *      6      2  revents  what is
 * </pre>
 */
public final class PollDescriptor {
    public static final int FD_OFFSET = 0;
    public static final int EVENTS_OFFSET = FD_OFFSET + Integer.BYTES;
    static final int RESULT_OFFSET = EVENTS_OFFSET + Short.BYTES;
    public static final int LENGTH = RESULT_OFFSET + Short.BYTES;

    public static final short POLLIN = 0x001;
    static final short POLLERR = 0x008;
    static final short POLLNVAL = 0x020;

    private PollDescriptor() {}
}
