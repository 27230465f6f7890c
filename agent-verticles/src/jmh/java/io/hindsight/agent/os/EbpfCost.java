package io.hindsight.agent.os;

import io.hindsight.agent.os.EbpfLimits.Rate;
import io.hindsight.chunk.DropCause;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * What an event costs: connections that are refused on loopback, two events each, as fast as one process makes them; without the programs in the kernel, then with
 * them. Prints the processor time of the thread that reads, and how much longer a connection takes.
 *
 * <p>Argument: connections of each round. As root.
 */
public final class EbpfCost {
    private static final int ROUNDS = 3;
    private static final Rate NO_LIMIT = new Rate(1_000_000_000L, 1_000_000_000L);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final String CONNECTIONS =
            """
            import socket, sys, time
            count = int(sys.argv[1])
            start = time.process_time_ns()
            for i in range(count):
                one = socket.socket()
                one.connect_ex(('127.0.0.1', 1))
                one.close()
            print((time.process_time_ns() - start) // count)
            """;

    private EbpfCost() {}

    public static void main(String[] arguments) throws IOException {
        for (int round = 1; round <= ROUNDS; round++) {
            Process without = load(arguments[0]);
            long plainNs = result(without);
            measure(round, arguments[0], plainNs);
        }
    }

    private static void measure(int round, String connections, long plainNs) throws IOException {
        try (EbpfFeed feed = EbpfFeed.open(EbpfFeed.shippedObject(), EbpfLimits.of(16 << 20, NO_LIMIT))) {
            long events = 0;
            long start = System.nanoTime();
            long cpu = THREADS.getCurrentThreadCpuTime();
            Process load = load(connections);
            while (load.isAlive()) {
                events += feed.poll(event -> {}, 10);
            }
            cpu = THREADS.getCurrentThreadCpuTime() - cpu;
            double seconds = (System.nanoTime() - start) / 1e9;
            say(
                    String.format(
                            Locale.ROOT,
                            "round=%d events=%d lost=%d eventsPerSecond=%.0f readerCpuNsPerEvent=%.0f connectCpuNs=%d without=%d",
                            round,
                            events,
                            feed.takeLost(DropCause.KERNEL),
                            events / seconds,
                            (double) cpu / events,
                            result(load),
                            plainNs));
        }
    }

    private static Process load(String connections) throws IOException {
        return new ProcessBuilder("python3", "-c", CONNECTIONS, connections)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static long result(Process load) throws IOException {
        try (BufferedReader output = load.inputReader(StandardCharsets.UTF_8)) {
            return Long.parseLong(output.readLine());
        }
    }

    private static void say(String line) {
        System.out.write((line + "\n").getBytes(StandardCharsets.UTF_8), 0, line.length() + 1);
        System.out.flush();
    }
}
