package io.hindsight.system;

import io.hindsight.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds at a moment, as the kernel and its JVM say.
 *
 * @param anonymousBytes resident memory that belongs to no file: heap, stacks, buffers; not the ring's pages
 * @param liveHeapBytes what a full collection leaves
 * @param descriptors that are open
 */
record ProcessUse(long anonymousBytes, long liveHeapBytes, int descriptors, int threads) {
    /** Has the heap collected first. */
    static ProcessUse of(ProcessHandle process) throws IOException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String pid = "" + process.pid();
        Tools.run(jcmd, pid, "GC.run").succeeded();
        long liveHeap = heapUsed(Tools.run(jcmd, pid, "GC.heap_info").succeeded().stdout());
        Path proc = Path.of("/proc", pid);
        return new ProcessUse(
                anonymousBytes(process), liveHeap, count(proc.resolve("fd")), count(proc.resolve("task")));
    }

    /** The same without a collection. */
    static long anonymousBytes(ProcessHandle process) throws IOException {
        return kibibytes(Path.of("/proc", "" + process.pid(), "status"), "RssAnon:") << 10;
    }

    /** For example {@code garbage-first heap   total reserved 524288K, committed 65536K, used 31201K [0x…}. */
    private static long heapUsed(String info) {
        String used = info.lines().filter(line -> line.contains(" heap ")).findFirst().orElseThrow();
        String amount = used.replaceFirst(".*used (\\d+)K.*", "$1");
        return Long.parseLong(amount.strip()) << 10;
    }

    private static long kibibytes(Path status, String label) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(label))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static int count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return Math.toIntExact(entries.count());
        }
    }

    @Override
    public String toString() {
        return "anonymous=%d MiB live heap=%d MiB descriptors=%d threads=%d"
                .formatted(anonymousBytes >> 20, liveHeapBytes >> 20, descriptors, threads);
    }
}
