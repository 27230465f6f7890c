package io.hindsight.agent.os.proc;

/**
 * A process as {@code /proc/PID/stat} and {@code status} tell of it.
 *
 * @param pid of the process
 * @param parentPid of its parent; 0 where it has none
 * @param command the kernel's {@code comm}
 * @param uid real user
 * @param startedNs when it started, since the epoch, to a hundredth of a second
 */
public record ProcessStatus(int pid, int parentPid, String command, int uid, long startedNs) {}
