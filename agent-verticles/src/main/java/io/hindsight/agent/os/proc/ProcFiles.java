package io.hindsight.agent.os.proc;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code /proc}. A process may end between any two steps: what is gone, or may not be seen, is absent, and no failure. Every file is read up to a bound. Used by one
 * thread at a time: it keeps its buffer.
 */
public final class ProcFiles {
    private static final Path PROC = Path.of("/proc");

    /** Room for every file that is read, and a byte more, so that what is cut is seen. */
    private static final int BUFFER_BYTES = 8_192;

    /** {@code USER_HZ}: the unit of times in {@code /proc/PID/stat}, the same on all architectures that run here. */
    private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100;

    /** In {@code stat}, counted from the state, which is the first field after the command. */
    private static final int PARENT_FIELD = 1;

    private static final int START_FIELD = 19;

    private static final String SOCKET_START = "socket:[";
    private static final String NETWORK_START = "net:[";

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final long bootNs;

    /** @param nowNs the wall clock, since the epoch: starts of processes are counted from the boot as this clock has it */
    public ProcFiles(long nowNs) {
        int length = read("/proc/uptime");
        String uptime = length > 0 ? text(length).split(" ", 2)[0] : "0";
        bootNs = nowNs - (long) (Double.parseDouble(uptime) * TimeUnit.SECONDS.toNanos(1));
    }

    /** Every process of this pid namespace, ascending. */
    public int[] pids() {
        String[] names = PROC.toFile().list();
        return names == null
                ? new int[0]
                : Arrays.stream(names).filter(ProcFiles::isNumber).mapToInt(Integer::parseInt).sorted().toArray();
    }

    private static boolean isNumber(String name) {
        return name.length() <= 9 && !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Who the process is. */
    public Optional<ProcessStatus> status(int pid) {
        int length = read("/proc/" + pid + "/stat");
        if (length <= 0) {
            return Optional.empty();
        }
        // The command may hold blanks, brackets and line feeds: the last bracket ends it.
        String stat = text(length);
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        String[] fields = close < 0 ? new String[0] : stat.substring(close + 1).strip().split(" ", -1);
        if (open < 0 || close < open || fields.length <= START_FIELD) {
            return Optional.empty();
        }
        OptionalLong uid = uid(pid);
        return uid.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new ProcessStatus(
                                pid,
                                Integer.parseInt(fields[PARENT_FIELD]),
                                stat.substring(open + 1, close),
                                (int) uid.getAsLong(),
                                bootNs + Long.parseLong(fields[START_FIELD]) * NANOS_PER_TICK));
    }

    private OptionalLong uid(int pid) {
        int length = read("/proc/" + pid + "/status");
        if (length <= 0) {
            return OptionalLong.empty();
        }
        // Its first line is the command, escaped, so that no line of it can pass itself off as this one.
        return text(length)
                .lines()
                .filter(line -> line.startsWith("Uid:"))
                .mapToLong(line -> Long.parseLong(line.split("\t", 3)[1]))
                .findFirst();
    }

    /** What it was started with; absent where it is gone, of the kernel, or has wiped them. */
    public Optional<ProcessArguments> arguments(int pid) {
        int length = read("/proc/" + pid + "/cmdline");
        return length <= 0 ? Optional.empty() : Optional.of(ProcessArguments.parse(buffer, length));
    }

    /** Its cgroup. */
    public Optional<CgroupMembership> cgroup(int pid) {
        int length = read("/proc/" + pid + "/cgroup");
        return length <= 0 ? Optional.empty() : CgroupMembership.parse(text(length));
    }

    /** Inode of its network namespace. */
    public OptionalLong networkNamespace(int pid) {
        return inode(Path.of("/proc", Integer.toString(pid), "ns", "net"), NETWORK_START);
    }

    /** Inode of the calling thread's network namespace. */
    public static OptionalLong ownNetworkNamespace() {
        return inode(Path.of("/proc/thread-self/ns/net"), NETWORK_START);
    }

    /**
     * The inodes of the sockets that a process has open.
     *
     * @param limit descriptors that are looked at
     * @return descriptors that were looked at
     */
    public int sockets(int pid, int limit, LongConsumer inodes) {
        int seen = 0;
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc", Integer.toString(pid), "fd"))) {
            for (Path descriptor : descriptors) {
                if (seen == limit) {
                    break;
                }
                seen++;
                inode(descriptor, SOCKET_START).ifPresent(inodes);
            }
        } catch (IOException | DirectoryIteratorException gone) {
            return seen;
        }
        return seen;
    }

    /** The number in a link such as {@code socket:[4711]}; absent where the link is another one, or gone. */
    private static OptionalLong inode(Path link, String start) {
        String target = target(link);
        return target != null && target.startsWith(start)
                ? OptionalLong.of(Long.parseLong(target.substring(start.length(), target.length() - 1)))
                : OptionalLong.empty();
    }

    private static @Nullable String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException gone) {
            return null;
        }
    }

    /** Bytes that are now in the buffer; -1 where the file is gone. */
    private int read(String file) {
        try (FileInputStream in = new FileInputStream(file)) {
            return in.readNBytes(buffer, 0, BUFFER_BYTES);
        } catch (IOException gone) {
            return -1;
        }
    }

    private String text(int length) {
        return new String(buffer, 0, length, StandardCharsets.UTF_8);
    }
}
