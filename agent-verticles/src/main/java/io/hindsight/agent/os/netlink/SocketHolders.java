package io.hindsight.agent.os.netlink;

import io.hindsight.agent.os.proc.ProcFiles;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds who has sockets open, through the links in {@code /proc/PID/fd}: the kernel does not tell it otherwise. Costs a system call for each descriptor of the machine,
 * so it is bounded. Used by one thread at a time.
 */
public final class SocketHolders {
    /** Descriptors that are looked at in one search. */
    public static final int MAX_DESCRIPTORS = 1 << 19;

    private static final int INIT = 1;

    private final ProcFiles files;
    private boolean cut;

    public SocketHolders(ProcFiles files) {
        this.files = files;
    }

    /**
     * The holders of sockets, by inode. Of several processes that hold one, the one of the lowest pid that is not the first process of the machine: a server rather than the
     * children it made, and rather than the service manager that handed it the socket.
     *
     * @param pids ascending
     * @param wanted inodes of the sockets whose holders are looked for
     */
    public Map<Long, Integer> find(int[] pids, Set<Long> wanted) {
        Map<Long, Integer> holders = new HashMap<>();
        int left = MAX_DESCRIPTORS;
        for (int pid : pids) {
            left -=
                    files.sockets(
                            pid,
                            left,
                            inode -> {
                                if (wanted.contains(inode)) {
                                    holders.merge(inode, pid, SocketHolders::rather);
                                }
                            });
        }
        cut = left == 0;
        return holders;
    }

    private static int rather(int before, int now) {
        return before == INIT ? now : before;
    }

    /** Whether the last search ended at its bound. */
    public boolean isCut() {
        return cut;
    }
}
