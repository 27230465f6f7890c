package io.hindsight.agent.os.netlink;

import io.hindsight.agent.capture.linux.LibC;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Lists the sockets of every network namespace that a process is in. A thread of its own goes from one to the next ({@code setns}, which needs CAP_SYS_ADMIN), and ends with it: no thread that
 * does anything else is ever in another namespace than before. Used by one thread at a time.
 */
public final class OpenSockets {
    /** Sockets that are listed. */
    public static final int MAX_SOCKETS = 65_536;

    /** Network namespaces that are looked into: a node has one for each pod. */
    public static final int MAX_NAMESPACES = 1_024;

    private static final long TIMEOUT_MS = 10_000;

    private final ProcFiles files;

    public OpenSockets(ProcFiles files) {
        this.files = files;
    }

    /**
     * All of them.
     *
     * @param pids the processes whose namespaces count
     * @throws HindsightException IO_FAILED where the kernel does not tell of its sockets at all
     */
    public SocketList list(int[] pids) throws InterruptedException {
        Walk walk = new Walk(namespaces(pids));
        Thread thread = Thread.ofPlatform().name("hindsight-netns").daemon().start(walk);
        thread.join(TIMEOUT_MS);
        return walk.result(thread.isAlive());
    }

    /** A process of each namespace. */
    private Map<Long, Integer> namespaces(int[] pids) {
        Map<Long, Integer> namespaces = new LinkedHashMap<>();
        for (int pid : pids) {
            OptionalLong inode = files.networkNamespace(pid);
            if (inode.isPresent()) {
                namespaces.putIfAbsent(inode.getAsLong(), pid);
            }
        }
        return namespaces;
    }

    /** One walk through the namespaces. Its thread's, until that has ended. */
    private static final class Walk implements Runnable {
        private final Map<Long, Integer> namespaces;
        private final List<NetSocket> sockets = new ArrayList<>();
        private long cut;
        private int entered;
        private int refused;
        private @Nullable String refusal;
        private @Nullable RuntimeException failure;

        Walk(Map<Long, Integer> namespaces) {
            this.namespaces = namespaces;
        }

        @Override
        public void run() {
            try {
                OptionalLong own = ProcFiles.ownNetworkNamespace();
                if (own.isPresent()) {
                    namespaces.remove(own.getAsLong());
                    SocketDiag.list(own.getAsLong(), this::take);
                }
                namespaces.forEach(this::visit);
            } catch (RuntimeException e) { // handed to who asked
                failure = e;
            }
        }

        private boolean take(NetSocket socket) {
            if (sockets.size() == MAX_SOCKETS) {
                cut++;
            } else {
                sockets.add(socket);
            }
            return true;
        }

        private void visit(long inode, int pid) {
            if (entered == MAX_NAMESPACES) {
                refuse("there are more than limit=" + MAX_NAMESPACES);
                return;
            }
            int fd = LibC.openReadOnly("/proc/" + pid + "/ns/net");
            if (fd < 0) {
                return; // The process has ended, and its namespace most likely with it.
            }
            try {
                int result = LibC.enterNetworkNamespace(fd);
                if (result < 0) {
                    refuse("setns was refused: " + LibC.errorText(-result) + " (CAP_SYS_ADMIN is needed)");
                } else {
                    entered++;
                    SocketDiag.list(inode, this::take);
                }
            } finally {
                LibC.close(fd);
            }
        }

        private void refuse(String why) {
            refused++;
            refusal = why;
        }

        private SocketList result(boolean stuck) {
            if (stuck) {
                throw new HindsightException(
                        ErrorCode.IO_FAILED,
                        "The kernel did not list its sockets within timeoutMs=" + TIMEOUT_MS + ".");
            }
            if (failure != null) {
                throw failure;
            }
            String problem =
                    refusal == null
                            ? null
                            : "Sockets of " + refused + " other network namespaces are not listed: " + refusal + ".";
            return new SocketList(sockets, cut, problem);
        }
    }
}
