package io.hindsight.agent.os.proc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process was started with, bounded.
 *
 * @param list the program first
 * @param cut whether arguments were left out or cut
 */
public record ProcessArguments(List<String> list, boolean cut) {
    /** Bytes that are read of a process's arguments. */
    public static final int MAX_BYTES = 2_048;

    /** Arguments that are kept of a process. */
    public static final int MAX_COUNT = 64;

    public ProcessArguments {
        list = List.copyOf(list);
    }

    /** From the first bytes of {@code /proc/PID/cmdline}, or of the memory that it shows: each argument ends with a zero byte, unless the process wrote over them. */
    public static ProcessArguments parse(byte[] commandLine, int length) {
        List<String> arguments = new ArrayList<>();
        int end = Math.min(length, MAX_BYTES);
        int start = 0;
        while (start < end && arguments.size() < MAX_COUNT) {
            int stop = start;
            while (stop < end && commandLine[stop] != 0) {
                stop++;
            }
            arguments.add(new String(commandLine, start, stop - start, StandardCharsets.UTF_8));
            start = stop + 1;
        }
        return new ProcessArguments(arguments, length > MAX_BYTES || start < end);
    }
}
