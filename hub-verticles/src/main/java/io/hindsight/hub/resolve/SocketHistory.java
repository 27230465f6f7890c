package io.hindsight.hub.resolve;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which process of one node had which socket, from its events in ascending time. One thread at a time.
 *
 * <ul>
 *   <li>CONNECT and ACCEPT make the process the owner; whoever inherits the socket later does not: of forked workers, the one that accepted.
 *   <li>A checkpoint's SOCKET, and a STATE that knows its process, make it the owner where none is known yet. What a checkpoint names may have been open
 *       since the last whole checkpoint, which would have named it.
 *   <li>CLOSE ends it, the same socket being opened again, and a whole checkpoint that names sockets but not it. The process's end does not: others may hold it.
 * </ul>
 */
final class SocketHistory {
    /** Sockets that are open at once with the same ends, in different network namespaces. */
    private static final int MAX_SAME_ENDS = 64;

    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final Set<String> CLOSED = Set.of("CLOSED", "CLOSE");

    private final String node;
    private final AddressTexts addresses;
    private final SocketBudget budget;
    private final Omitted omitted;
    private final ProcessTable processes;
    private final Map<SocketKey, List<Open>> open = new HashMap<>();
    private final List<Ended> ended = new ArrayList<>();

    private long checkpoints;
    private long entriesSeen;
    private boolean inCheckpoint;
    private boolean namesNoSocket;
    private long lastWholeNs = Long.MIN_VALUE;

    private static final class Open {
        private final @Nullable Long netns;
        private final long fromNs;
        private final ProcessImage process;
        private final boolean certain;
        private long namedInCheckpoint;

        private Open(@Nullable Long netns, long fromNs, ProcessImage process, boolean certain) {
            this.netns = netns;
            this.fromNs = fromNs;
            this.process = process;
            this.certain = certain;
        }

        private boolean isIn(@Nullable Long other) {
            return netns == null || other == null || Objects.equals(netns, other);
        }
    }

    private record Ended(SocketKey key, Open socket, long toNs) {}

    SocketHistory(String node, AddressTexts addresses, SocketBudget budget, ProcessTable processes, Omitted omitted) {
        this.node = node;
        this.addresses = addresses;
        this.budget = budget;
        this.processes = processes;
        this.omitted = omitted;
    }

    void take(OsEvent event) {
        if (event.kind() == OsEvent.Kind.CHECKPOINT) {
            checkpoint(event);
            return;
        }
        entriesSeen += event.checkpoint() == CheckpointPart.ENTRY ? 1 : 0;
        ProcessInfo process = event.process();
        ProcessImage image = process == null ? null : processes.take(event, process, checkpoints);
        SocketInfo socket = event.socket();
        namesNoSocket &= event.kind() != OsEvent.Kind.SOCKET;
        if (socket != null) {
            takeSocket(event, socket, image);
        }
    }

    private void takeSocket(OsEvent event, SocketInfo socket, @Nullable ProcessImage process) {
        SocketKey key = keyOf(socket);
        if (key == null) {
            omitted.add(Omitted.Kind.RECORDS, 1);
            return;
        }
        long timeNs = event.timeNs();
        boolean isClosed = CLOSED.contains(socket.state()) && key.protocol() == TCP;
        switch (event.kind()) {
            case CONNECT, ACCEPT -> {
                opened(key, socket.netns(), process, timeNs);
                if (isClosed) {
                    closed(key, socket.netns(), process, Times.plus(timeNs, 1));
                }
            }
            case CLOSE -> closed(key, socket.netns(), process, timeNs);
            case STATE -> {
                if (isClosed) {
                    closed(key, socket.netns(), process, timeNs);
                } else {
                    seen(key, socket.netns(), process, timeNs);
                }
            }
            case SOCKET -> seen(key, socket.netns(), process, lastWholeNs);
            case FORK, EXEC, EXIT, OOM_KILL, PROCESS, CHECKPOINT -> {
                // No socket belongs to these.
            }
        }
    }

    private @Nullable SocketKey keyOf(SocketInfo socket) {
        int protocol =
                switch (socket.protocol()) {
                    case "tcp" -> TCP;
                    case "udp" -> UDP;
                    default -> 0;
                };
        InetAddress local = addresses.parse(socket.localAddress());
        InetAddress remote = addresses.parse(socket.remoteAddress());
        return protocol == 0 || local == null || remote == null
                ? null
                : new SocketKey(node, protocol, local, socket.localPort(), remote, socket.remotePort());
    }

    /** The process asked for it, or took it. */
    private void opened(SocketKey key, @Nullable Long netns, @Nullable ProcessImage process, long timeNs) {
        Open before = find(key, netns);
        if (process == null || (before != null && before.process == process && !before.certain)) {
            return;
        }
        if (before != null) {
            end(key, before, timeNs);
        }
        begin(key, new Open(netns, timeNs, process, true));
    }

    /** It is open, and the process has it. */
    private void seen(SocketKey key, @Nullable Long netns, @Nullable ProcessImage process, long sinceNs) {
        if (key.localPort() == 0) {
            return; // A connection that has not chosen its port yet.
        }
        Open known = find(key, netns);
        if (known == null && process != null) {
            known = new Open(netns, sinceNs, process, false);
            begin(key, known);
        }
        if (known != null) {
            known.namedInCheckpoint = checkpoints;
        }
    }

    private void closed(SocketKey key, @Nullable Long netns, @Nullable ProcessImage process, long timeNs) {
        Open known = find(key, netns);
        if (known != null) {
            end(key, known, timeNs);
        } else if (process != null && !key.isListening()) {
            add(new Ended(key, new Open(netns, lastWholeNs, process, false), timeNs));
        }
    }

    private @Nullable Open find(SocketKey key, @Nullable Long netns) {
        for (Open socket : open.getOrDefault(key, List.of())) {
            if (socket.isIn(netns)) {
                return socket;
            }
        }
        return null;
    }

    private void begin(SocketKey key, Open socket) {
        List<Open> sameEnds = open.computeIfAbsent(key, ends -> new ArrayList<>(1));
        if (sameEnds.size() < MAX_SAME_ENDS && budget.take()) {
            socket.namedInCheckpoint = checkpoints;
            sameEnds.add(socket);
        } else if (sameEnds.isEmpty()) {
            open.remove(key);
        }
    }

    private void end(SocketKey key, Open socket, long timeNs) {
        List<Open> sameEnds = open.get(key);
        if (sameEnds != null) {
            sameEnds.remove(socket);
            if (sameEnds.isEmpty()) {
                open.remove(key);
            }
        }
        ended.add(new Ended(key, socket, timeNs));
    }

    private void add(Ended socket) {
        if (budget.take()) {
            ended.add(socket);
        }
    }

    private void checkpoint(OsEvent event) {
        if (event.checkpoint() == CheckpointPart.BEGIN) {
            inCheckpoint = true;
            checkpoints++;
            entriesSeen = 0;
            namesNoSocket = true;
        } else if (event.checkpoint() == CheckpointPart.END && inCheckpoint) {
            inCheckpoint = false;
            if (event.count() == null || event.count() == entriesSeen) {
                endUnnamed(event.timeNs());
            }
        }
    }

    private void endUnnamed(long timeNs) {
        processes.endUnnamed(checkpoints, timeNs);
        if (namesNoSocket) {
            return; // No node is without: they could not be listed.
        }
        Iterator<Map.Entry<SocketKey, List<Open>>> entries = open.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<SocketKey, List<Open>> entry = entries.next();
            entry.getValue()
                    .removeIf(socket -> {
                        boolean isOver = socket.namedInCheckpoint < checkpoints && socket.fromNs <= timeNs;
                        if (isOver) {
                            ended.add(new Ended(entry.getKey(), socket, timeNs));
                        }
                        return isOver;
                    });
            if (entry.getValue().isEmpty()) {
                entries.remove();
            }
        }
        lastWholeNs = timeNs;
    }

    /** All intervals; those that are open last to the end of time. */
    void forEach(Consumer<SocketInterval> intervals) {
        ended.forEach(socket -> emit(socket.key(), socket.socket(), socket.toNs(), intervals));
        open.forEach((key, sockets) -> sockets.forEach(socket -> emit(key, socket, Long.MAX_VALUE, intervals)));
    }

    private void emit(SocketKey key, Open socket, long toNs, Consumer<SocketInterval> intervals) {
        if (toNs > socket.fromNs) {
            intervals.accept(new SocketInterval(key, socket.netns, socket.fromNs, toNs, socket.process.owner(node)));
        }
    }
}
