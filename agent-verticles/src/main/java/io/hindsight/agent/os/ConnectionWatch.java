package io.hindsight.agent.os;

import io.hindsight.agent.os.netlink.NetSocket;
import io.hindsight.agent.os.netlink.OpenSockets;
import io.hindsight.agent.os.netlink.SocketHolders;
import io.hindsight.agent.os.netlink.SocketList;
import io.hindsight.agent.os.netlink.SocketStates;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells of TCP connections by looking at all sockets again and again: those that appeared, those that vanished. What begins and ends between two looks is never seen. A look costs time with the number of
 * processes, so the pause after it is at least {@link #PAUSE_FACTOR} times as long. Used by one thread.
 */
final class ConnectionWatch {
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

    /** So at most a twentieth of a processor goes into it. */
    private static final int PAUSE_FACTOR = 20;

    private final ProcFiles files;
    private final KnownProcesses processes;
    private final OpenSockets openSockets;
    private final SocketHolders holders;

    private Map<Key, Seen> before = new HashMap<>();
    private Set<Listener> listenersBefore = Set.of();
    private boolean looked;
    private long nextNs = System.nanoTime();
    private @Nullable String problem;

    /** A number of a socket is used again only after four thousand million others: with the addresses it is unique. */
    private record Key(NetSocket socket) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key
                    && key.socket.inode() == socket.inode()
                    && key.socket.netns() == socket.netns()
                    && key.socket.localPort() == socket.localPort()
                    && key.socket.remotePort() == socket.remotePort();
        }

        @Override
        public int hashCode() {
            return Long.hashCode(socket.inode());
        }
    }

    private record Seen(NetSocket socket, @Nullable ProcessInfo holder) {}

    private record Listener(long netns, int port) {}

    ConnectionWatch(ProcFiles files, KnownProcesses processes) {
        this.files = files;
        this.processes = processes;
        this.openSockets = new OpenSockets(files);
        this.holders = new SocketHolders(files);
    }

    /** Milliseconds until the next look is due. */
    int dueInMs() {
        return (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(nextNs - System.nanoTime()));
    }

    /** Why sockets of some namespaces are not seen; absent where all are. */
    @Nullable String problem() {
        return problem;
    }

    /**
     * Looks, and tells what is different from the last time; the first look tells nothing.
     *
     * @return how many events it told
     */
    int look(long timeNs, Consumer<OsEvent> events) throws InterruptedException {
        long startNs = System.nanoTime();
        int[] pids = files.pids();
        SocketList list = openSockets.list(pids);
        problem = list.problem();
        Change change = new Change(list, pids, timeNs, looked ? events : event -> {});
        change.tell();
        before = change.now;
        listenersBefore = change.listeners;
        looked = true;
        long endNs = System.nanoTime();
        nextNs = endNs + Math.max(PAUSE_NS, PAUSE_FACTOR * (endNs - startNs));
        return change.told;
    }

    /** From one look to the next. */
    private final class Change {
        private final Map<Key, Seen> now = new HashMap<>();
        private final Set<Listener> listeners = new HashSet<>();
        private final Map<Key, NetSocket> appeared = new HashMap<>();
        private final int[] pids;
        private final long timeNs;
        private final Consumer<OsEvent> events;
        private int told;

        Change(SocketList list, int[] pids, long timeNs, Consumer<OsEvent> events) {
            this.pids = pids;
            this.timeNs = timeNs;
            this.events = events;
            for (NetSocket socket : list.sockets()) {
                if (socket.isListening()) {
                    listeners.add(new Listener(socket.netns(), socket.localPort()));
                } else if (socket.isConnection()) {
                    place(socket);
                }
            }
        }

        private void place(NetSocket socket) {
            Key key = new Key(socket);
            Seen seen = before.get(key);
            if (seen == null) {
                appeared.put(key, socket);
            } else {
                now.put(key, new Seen(socket, seen.holder()));
            }
        }

        void tell() {
            before.forEach((key, seen) -> {
                if (!now.containsKey(key)) {
                    closed(seen);
                }
            });
            Map<Long, Integer> found = appeared.isEmpty() ? Map.of() : findHolders();
            appeared.forEach((key, socket) -> {
                Integer pid = found.get(socket.inode());
                ProcessInfo holder = pid == null ? null : processes.get(pid);
                now.put(key, new Seen(socket, holder));
                opened(socket, holder);
            });
        }

        private Map<Long, Integer> findHolders() {
            Set<Long> inodes = new HashSet<>();
            appeared.values().forEach(socket -> inodes.add(socket.inode()));
            return holders.find(pids, inodes);
        }

        private void opened(NetSocket socket, @Nullable ProcessInfo holder) {
            event(holder == null ? Kind.STATE : direction(socket), holder, OsInventory.info(socket));
        }

        /** Who listens where the connection ends took it; a socket that nobody listened beside was made to connect. */
        private Kind direction(NetSocket socket) {
            Listener local = new Listener(socket.netns(), socket.localPort());
            return listeners.contains(local) || listenersBefore.contains(local) ? Kind.ACCEPT : Kind.CONNECT;
        }

        private void closed(Seen seen) {
            NetSocket socket = seen.socket();
            event(
                    seen.holder() == null ? Kind.STATE : Kind.CLOSE,
                    seen.holder(),
                    new SocketInfo(
                            socket.protocol(),
                            socket.localAddress(),
                            socket.localPort(),
                            socket.remoteAddress(),
                            socket.remotePort(),
                            socket.netns(),
                            SocketStates.CLOSE,
                            socket.state()));
        }

        private void event(Kind kind, @Nullable ProcessInfo process, SocketInfo socket) {
            told++;
            events.accept(new OsEvent(kind, timeNs, process, null, null, null, null, socket, null, null, null));
        }
    }
}
