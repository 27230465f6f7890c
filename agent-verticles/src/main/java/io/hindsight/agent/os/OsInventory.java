package io.hindsight.agent.os;

import io.hindsight.agent.os.netlink.NetSocket;
import io.hindsight.agent.os.netlink.OpenSockets;
import io.hindsight.agent.os.netlink.SocketHolders;
import io.hindsight.agent.os.netlink.SocketList;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.agent.os.proc.ProcessArguments;
import io.hindsight.agent.os.proc.ProcessStatus;
import io.hindsight.error.HindsightException;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes checkpoints: every process of the machine, and every open TCP and UDP socket with who holds it, from {@code /proc} and {@code sock_diag}, whichever feed tells of events. Everything is
 * bounded; what is beyond is left out, and the last record says how much. Used by one thread.
 */
final class OsInventory {
    /** Processes in a checkpoint: those with the lowest numbers. */
    static final int MAX_PROCESSES = 32_768;

    /** Bytes of a checkpoint: it is held in memory until it is whole, because its first record says how many follow. */
    static final long MAX_BYTES = 32L << 20;

    private final ProcFiles files;
    private final ProcessTable table;
    private final OpenSockets openSockets;
    private final SocketHolders socketHolders;
    private final LongSupplier clock;

    OsInventory(ProcFiles files, ProcessTable table, LongSupplier clock) {
        this.files = files;
        this.table = table;
        this.openSockets = new OpenSockets(files);
        this.socketHolders = new SocketHolders(files);
        this.clock = clock;
    }

    /** Looks at everything; takes milliseconds for each hundred processes. */
    OsCheckpoint take(OsEntry entries) throws InterruptedException {
        return new Draft(entries, clock.getAsLong()).complete();
    }

    /** One checkpoint that is being made. */
    private final class Draft {
        private final OsEntry encoder;
        private final long timeNs;
        private final List<byte[]> entries = new ArrayList<>();
        private final List<String> problems = new ArrayList<>();
        private final Map<Integer, ProcessInfo> processes = new HashMap<>();
        private @Nullable String hidden;
        private long bytes;
        private long leftOut;

        Draft(OsEntry encoder, long timeNs) {
            this.encoder = encoder;
            this.timeNs = timeNs;
        }

        OsCheckpoint complete() throws InterruptedException {
            int[] pids = files.pids();
            if (pids.length > MAX_PROCESSES) {
                problems.add((pids.length - MAX_PROCESSES) + " processes, limit=" + MAX_PROCESSES);
                pids = Arrays.copyOf(pids, MAX_PROCESSES);
            }
            for (int pid : pids) {
                addProcess(pid);
            }
            addSockets(pids);
            if (leftOut > 0) {
                problems.add(leftOut + " records, limitBytes=" + MAX_BYTES);
            }
            return framed();
        }

        private void addProcess(int pid) {
            ProcessStatus status = files.status(pid).orElse(null);
            if (status == null) {
                return;
            }
            ProcessInfo process =
                    new ProcessInfo(
                            pid,
                            pid,
                            status.parentPid(),
                            status.command(),
                            status.uid(),
                            null,
                            null,
                            status.startedNs());
            ProcessArguments arguments = files.arguments(pid).orElse(null);
            OsEvent event =
                    table.enriched(
                            event(
                                    Kind.PROCESS,
                                    process,
                                    arguments == null ? null : arguments.list(),
                                    arguments == null ? null : arguments.cut(),
                                    null,
                                    CheckpointPart.ENTRY,
                                    null));
            processes.put(pid, event.process() == null ? process : event.process());
            add(event);
        }

        private void addSockets(int[] pids) throws InterruptedException {
            try {
                SocketList list = openSockets.list(pids);
                hidden = list.problem();
                if (list.cut() > 0) {
                    problems.add(list.cut() + " sockets, limit=" + OpenSockets.MAX_SOCKETS);
                }
                Set<Long> inodes = list.sockets().stream().map(NetSocket::inode).collect(Collectors.toSet());
                Map<Long, Integer> holders = socketHolders.find(pids, inodes);
                if (socketHolders.isCut()) {
                    problems.add("holders of sockets, limitDescriptors=" + SocketHolders.MAX_DESCRIPTORS);
                }
                list.sockets().forEach(socket -> addSocket(socket, holders.get(socket.inode())));
            } catch (HindsightException refused) {
                problems.add("all sockets (" + refused.getMessage() + ")");
            }
        }

        private void addSocket(NetSocket socket, @Nullable Integer holder) {
            ProcessInfo process = holder == null ? null : processes.get(holder);
            OsEvent event = event(Kind.SOCKET, process, null, null, info(socket), CheckpointPart.ENTRY, null);
            add(table.enriched(event));
        }

        private void add(OsEvent event) {
            byte[] entry = encoder.entry(event).orElse(null);
            if (entry == null || bytes + entry.length > MAX_BYTES) {
                leftOut++;
                return;
            }
            bytes += entry.length;
            entries.add(entry);
        }

        private OsCheckpoint framed() {
            long count = entries.size();
            String missing =
                    problems.isEmpty() ? null : "A checkpoint leaves out: " + String.join("; ", problems) + ".";
            String remark = (missing == null ? "" : ". " + missing) + (hidden == null ? "" : ". " + hidden);
            List<byte[]> all = new ArrayList<>(entries.size() + 2);
            all.add(frame(CheckpointPart.BEGIN, count, ""));
            all.addAll(entries);
            all.add(frame(CheckpointPart.END, count, remark));
            return new OsCheckpoint(timeNs, all, bytes + all.getFirst().length + all.getLast().length, missing, hidden);
        }

        private byte[] frame(CheckpointPart part, long count, String remark) {
            return encoder.entry(event(Kind.CHECKPOINT, null, null, null, null, part, count), remark).orElseThrow();
        }

        private OsEvent event(
                Kind kind,
                @Nullable ProcessInfo process,
                @Nullable List<String> arguments,
                @Nullable Boolean cut,
                @Nullable SocketInfo socket,
                CheckpointPart part,
                @Nullable Long count) {
            return new OsEvent(kind, timeNs, process, arguments, cut, null, null, socket, null, part, count);
        }
    }

    static SocketInfo info(NetSocket socket) {
        return new SocketInfo(
                socket.protocol(),
                socket.localAddress(),
                socket.localPort(),
                socket.remoteAddress(),
                socket.remotePort(),
                socket.netns(),
                socket.state(),
                null);
    }
}
