package io.hindsight.agent.os.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.hindsight.agent.capture.linux.NetlinkDescriptor;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's process connector: hears of every fork, exec and exit of the machine.
 *
 * <p>The kernel numbers the events of each processor, whoever listens, so what was lost is counted exactly: a gap in the numbers is a loss. It is known with the
 * processor's next event. What the lost events were is not known: changes of names, users and sessions, and threads, are numbered with the rest.
 *
 * <p>It works in the node's first network and pid namespaces only. Used by one thread at a time.
 */
public final class ProcessConnector implements AutoCloseable {
    /** Takes what is heard, by the kernel's ids of threads and processes and the clock of {@link System#nanoTime}. */
    public interface Listener {
        /** A process was made; threads are left out. */
        void forked(long monotonicNs, int parent, int child);

        /** A process runs another program. */
        void executed(long monotonicNs, int process);

        /**
         * A process ended; threads are left out.
         *
         * @param status as {@code wait(2)} gives it
         */
        void exited(long monotonicNs, int process, int parent, int status);

        /** A process has another real user. */
        void userChanged(int process, int uid);

        /** A process has another name. */
        void renamed(int process, String command);
    }

    /** What the kernel keeps while this thread gets no processor: about 10,000 events. */
    public static final int RECEIVE_BUFFER_BYTES = 8 << 20;

    private static final int ANSWER_TIMEOUT_MS = 2_000;

    private static final Logger LOG = LoggerFactory.getLogger(ProcessConnector.class);

    private final NetlinkSocket socket;
    private final EventSequences sequences = new EventSequences();

    private ProcessConnector(NetlinkSocket socket) {
        this.socket = socket;
    }

    /**
     * Starts to listen; returns when the kernel has said that it tells.
     *
     * @param receiveBufferBytes of kernel memory for what has not been received yet
     * @throws HindsightException MISSING_PRIVILEGE or IO_FAILED where it does not: why, and what to do
     */
    public static ProcessConnector open(int receiveBufferBytes) {
        NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.CONNECTOR, ConnectorDescriptor.PROCESSES);
        try {
            socket.keep(receiveBufferBytes);
            ProcessConnector connector = new ProcessConnector(socket);
            connector.listen();
            return connector;
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private void listen() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = arena.allocate(ConnectorDescriptor.REQUEST_LENGTH, Integer.BYTES);
            message.set(JAVA_INT, NetlinkDescriptor.LENGTH_OFFSET, ConnectorDescriptor.REQUEST_LENGTH);
            message.set(JAVA_SHORT, NetlinkDescriptor.TYPE_OFFSET, (short) NetlinkDescriptor.TYPE_DONE);
            message.set(JAVA_INT, ConnectorDescriptor.INDEX_OFFSET, ConnectorDescriptor.PROCESSES);
            message.set(JAVA_INT, ConnectorDescriptor.VALUE_OFFSET, ConnectorDescriptor.PROCESSES);
            message.set(JAVA_SHORT, ConnectorDescriptor.LENGTH_OFFSET, (short) Integer.BYTES);
            message.set(JAVA_INT, ConnectorDescriptor.WHAT_OFFSET, ConnectorDescriptor.LISTEN);
            socket.send(message, "PROC_CN_MCAST_LISTEN");
        }
        awaitAnswer();
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + ANSWER_TIMEOUT_MS * 1_000_000L;
        while (System.nanoTime() < deadline) {
            if (socket.await(ANSWER_TIMEOUT_MS) && isAnswer()) {
                return;
            }
        }
        throw new HindsightException(
                ErrorCode.IO_FAILED,
                "The kernel does not tell of processes within timeoutMs="
                        + ANSWER_TIMEOUT_MS
                        + ": its process connector answers in the node's first pid and user namespaces only"
                        + " (of a pod: hostPID and hostNetwork).");
    }

    private boolean isAnswer() {
        MemorySegment message = receiveOrNothing();
        if (message.byteSize() < ConnectorDescriptor.EVENT_LENGTH
                || message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.WHAT_OFFSET) != ConnectorDescriptor.WHAT_NONE) {
            return false;
        }
        int errno = message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.ERROR_OFFSET);
        if (errno != 0) {
            throw NetlinkSocket.failure("PROC_CN_MCAST_LISTEN", Math.abs(errno));
        }
        return true;
    }

    /** Waits until something was heard, at most so long. */
    public boolean await(int timeoutMs) {
        return socket.await(timeoutMs);
    }

    /**
     * Hands over one event, if there is one; does not wait.
     *
     * @return false where there is none
     */
    public boolean receive(Listener listener) {
        MemorySegment message = receiveOrNothing();
        if (message.byteSize() < ConnectorDescriptor.EVENT_LENGTH) {
            return message.byteSize() > 0;
        }
        int what = message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.WHAT_OFFSET);
        if (message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.INDEX_OFFSET) == ConnectorDescriptor.PROCESSES
                && what != ConnectorDescriptor.WHAT_NONE) {
            sequences.received(
                    message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.CPU_OFFSET),
                    message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.SEQUENCE_OFFSET));
            tell(what, message, listener);
        }
        return true;
    }

    private static void tell(int what, MemorySegment message, Listener listener) {
        long timeNs = message.get(JAVA_LONG_UNALIGNED, ConnectorDescriptor.TIMESTAMP_OFFSET);
        int thread = message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.THREAD_OFFSET);
        int process = message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.PROCESS_OFFSET);
        switch (what) {
            case ConnectorDescriptor.WHAT_FORK -> {
                int child = message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.CHILD_PROCESS_OFFSET);
                if (message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.CHILD_THREAD_OFFSET) == child) {
                    listener.forked(timeNs, process, child);
                }
            }
            case ConnectorDescriptor.WHAT_EXEC -> listener.executed(timeNs, process);
            case ConnectorDescriptor.WHAT_EXIT -> {
                if (thread == process) {
                    listener.exited(
                            timeNs,
                            process,
                            message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.EXIT_PARENT_OFFSET),
                            message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.EXIT_CODE_OFFSET));
                }
            }
            case ConnectorDescriptor.WHAT_UID ->
                    listener.userChanged(process, message.get(JAVA_INT_UNALIGNED, ConnectorDescriptor.USER_OFFSET));
            case ConnectorDescriptor.WHAT_COMMAND -> {
                if (thread == process) {
                    listener.renamed(process, command(message));
                }
            }
            default -> {
                // Groups, sessions, tracers, core dumps: numbered with the rest, and not told.
            }
        }
    }

    private static String command(MemorySegment message) {
        byte[] name =
                message.asSlice(ConnectorDescriptor.COMMAND_OFFSET, ConnectorDescriptor.COMMAND_LENGTH)
                        .toArray(JAVA_BYTE);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }

    private MemorySegment receiveOrNothing() {
        while (true) {
            try {
                return socket.receive();
            } catch (NetlinkSocket.Overrun counted) {
                // The kernel says it once and does not tell how many were lost: the numbers of the next events do.
                LOG.debug("The kernel lost events of processes; the next ones tell how many.");
            }
        }
    }

    /** Kernel events lost since the last call. */
    public long takeLost() {
        return sequences.takeLost();
    }

    /** Kernel events received since it was opened, of every kind. */
    public long received() {
        return sequences.received();
    }

    @Override
    public void close() {
        socket.close();
    }
}
