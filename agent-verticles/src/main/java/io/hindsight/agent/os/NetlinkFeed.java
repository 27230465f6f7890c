package io.hindsight.agent.os;

import io.hindsight.agent.os.ebpf.KernelClock;
import io.hindsight.agent.os.netlink.ProcessConnector;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.agent.os.proc.ProcessArguments;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Operating-system events without eBPF: the kernel's process connector tells of processes, and {@link ConnectionWatch} of connections.
 *
 * <p>Weaker than eBPF in what it cannot know: names and arguments are read from {@code /proc} a moment later, so those of a program that ends at once are missing; a process whose first thread ends before
 * the others is told to have ended then; connections are seen only when one of the looks finds them.
 */
public final class NetlinkFeed implements OsEventFeed {
    private static final int BATCH = 4_096;

    private static final int SIGNAL_MASK = 0x7F;
    private static final int STATUS_SHIFT = 8;
    private static final int STATUS_MASK = 0xFF;

    private final ProcessConnector connector;
    private final LongSupplier clock;
    private final ProcFiles files;
    private final KnownProcesses processes;
    private final ConnectionWatch connections;
    private final Teller teller;
    private boolean closed;

    private volatile List<ProgramStatus> programs = programs(null);

    private NetlinkFeed(ProcessConnector connector, LongSupplier clock) {
        this.connector = connector;
        this.clock = clock;
        this.files = new ProcFiles(clock.getAsLong());
        this.processes = new KnownProcesses(files);
        this.connections = new ConnectionWatch(files, processes);
        this.teller = new Teller();
    }

    /**
     * Starts to listen: what happens from now on is told.
     *
     * @param clock the wall clock, ns since the epoch
     * @throws HindsightException MISSING_PRIVILEGE, UNSUPPORTED_PLATFORM or IO_FAILED: why the kernel does not tell, and what to do
     */
    public static NetlinkFeed open(LongSupplier clock) {
        String system = System.getProperty("os.name", "");
        if (!system.equals("Linux")) {
            throw new HindsightException(
                    ErrorCode.UNSUPPORTED_PLATFORM, "Events by netlink need Linux, this is " + system + ".");
        }
        return open(clock, ProcessConnector.RECEIVE_BUFFER_BYTES);
    }

    static NetlinkFeed open(LongSupplier clock, int receiveBufferBytes) {
        return new NetlinkFeed(ProcessConnector.open(receiveBufferBytes), clock);
    }

    @Override
    public String name() {
        return "netlink";
    }

    @Override
    public int poll(Consumer<OsEvent> events, int timeoutMs) {
        teller.begin(events);
        int received = 0;
        if (connector.await(Math.min(timeoutMs, connections.dueInMs()))) {
            while (received < BATCH && connector.receive(teller)) {
                received++;
            }
        }
        if (connections.dueInMs() == 0) {
            look(events);
        }
        // A whole batch of threads and changes of names tells nothing, and more may be waiting behind it.
        return received == BATCH ? Math.max(1, teller.told) : teller.told;
    }

    private void look(Consumer<OsEvent> events) {
        try {
            teller.told += connections.look(clock.getAsLong(), events);
            programs = programs(connections.problem());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HindsightException(ErrorCode.CANCELLED, "Looking at sockets was interrupted.", e);
        }
    }

    /** Turns what the connector tells into events. The polling thread's. */
    private final class Teller implements ProcessConnector.Listener {
        private final KernelClock times = new KernelClock(System::nanoTime, clock);
        private Consumer<OsEvent> events = event -> {};
        private int told;

        void begin(Consumer<OsEvent> taker) {
            events = taker;
            times.refresh();
            told = 0;
        }

        @Override
        public void forked(long monotonicNs, int parent, int child) {
            long timeNs = times.epochNs(monotonicNs);
            tell(Kind.FORK, timeNs, processes.forked(parent, child, timeNs), null, null, null);
        }

        @Override
        public void executed(long monotonicNs, int process) {
            ProcessInfo info = processes.executed(process);
            tell(Kind.EXEC, times.epochNs(monotonicNs), info, files.arguments(process).orElse(null), null, null);
        }

        @Override
        public void exited(long monotonicNs, int process, int parent, int status) {
            int signal = status & SIGNAL_MASK;
            tell(
                    Kind.EXIT,
                    times.epochNs(monotonicNs),
                    processes.exited(process, parent),
                    null,
                    signal == 0 ? status >> STATUS_SHIFT & STATUS_MASK : null,
                    signal == 0 ? null : signal);
        }

        @Override
        public void userChanged(int process, int uid) {
            processes.userChanged(process, uid);
        }

        @Override
        public void renamed(int process, String command) {
            processes.renamed(process, command);
        }

        private void tell(
                Kind kind,
                long timeNs,
                ProcessInfo process,
                @Nullable ProcessArguments arguments,
                @Nullable Integer exitCode,
                @Nullable Integer signal) {
            told++;
            events.accept(
                    new OsEvent(
                            kind,
                            timeNs,
                            process,
                            arguments == null ? null : arguments.list(),
                            arguments == null ? null : arguments.cut(),
                            exitCode,
                            signal,
                            null,
                            null,
                            null,
                            null));
        }
    }

    /** Kernel events: of which kind they were is not known, threads and changes of names are counted with the rest. */
    @Override
    public long takeLost(DropCause cause) {
        return cause == DropCause.KERNEL ? connector.takeLost() : 0;
    }

    /** Kernel events received, of every kind. The polling thread's. */
    long received() {
        return connector.received();
    }

    @Override
    public List<ProgramStatus> programs() {
        return programs;
    }

    private static List<ProgramStatus> programs(@Nullable String hidden) {
        List<ProgramStatus> programs = new ArrayList<>();
        programs.add(new ProgramStatus("process-connector", true, null));
        programs.add(
                new ProgramStatus(
                        "tcp-connections",
                        false,
                        "Without eBPF, sockets are looked at once a second or less often: connections that begin and end between two looks are not seen."
                                + (hidden == null ? "" : " " + hidden)));
        return List.copyOf(programs);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            connector.close();
        }
    }
}
