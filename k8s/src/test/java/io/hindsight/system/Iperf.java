package io.hindsight.system;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** TCP traffic in the background, until closed. */
final class Iperf implements AutoCloseable {
    private final Process server;
    private final Process client;

    /** From the first namespace to an address of the second. The server lives for one client. */
    Iperf(NetworkNamespace from, NetworkNamespace to, String address, List<String> options) throws IOException {
        server = start(to, List.of("iperf3", "-s", "-1", "-B", address));
        Awaitility.await().until(() -> to.run("ss", "-Hltn", "sport = :5201").stdout().contains(":5201"));
        client = start(from, Stream.concat(Stream.of("iperf3", "-c", address), options.stream()).toList());
    }

    private static Process start(NetworkNamespace namespace, List<String> command) throws IOException {
        return new ProcessBuilder(namespace.command(command))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true)
                .start();
    }

    /** Whether the client still sends. */
    boolean running() {
        return client.isAlive();
    }

    /** Waits until the client has sent all that it was to send. */
    void await() throws InterruptedException {
        if (!client.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("iperf3 has not ended after 60 s");
        }
    }

    @Override
    public void close() {
        for (Process process : List.of(client, server)) {
            process.destroy();
            process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        }
    }
}
