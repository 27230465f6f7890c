package io.hindsight.system;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The independent witness: {@code tcpdump -w} on the same interface at the same time. */
final class Tcpdump implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Where the last packets of the file are looked for. */
    private static final int TAIL_LENGTH = 1 << 16;

    private final Path file;
    private final Path log;
    private final Process process;

    /** Returns when tcpdump listens. {@code snapLength} 0: everything. */
    Tcpdump(NetworkNamespace namespace, Path folder, String interfaceName, int snapLength) throws IOException {
        file = folder.resolve("tcpdump-" + interfaceName + ".pcap");
        log = folder.resolve("tcpdump-" + interfaceName + ".log");
        List<String> command = new ArrayList<>(List.of("tcpdump", "-i", interfaceName, "-p", "-n", "-U"));
        command.addAll(List.of("-B", "131072", "--time-stamp-precision=nano", "-Z", "root"));
        command.addAll(List.of("-s", Integer.toString(snapLength), "-w", file.toString()));
        process =
                new ProcessBuilder(namespace.command(command))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        await().atMost(PATIENCE).until(() -> Files.readString(log).contains("listening on"));
    }

    /** Waits until a packet that holds this text is among the last of the file. */
    void awaitPacket(String text) {
        await().atMost(PATIENCE).until(() -> tail().contains(text));
    }

    private String tail() throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = ByteBuffer.allocate(TAIL_LENGTH);
            channel.read(bytes, Math.max(0, channel.size() - TAIL_LENGTH));
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
        }
    }

    /** Stops it. What it saw, in its order; fails where it lost something, because then it is no witness. */
    List<Packet> packets() throws IOException {
        close();
        String report = Files.readString(log);
        if (!report.contains("\n0 packets dropped by kernel")) {
            throw new AssertionError("tcpdump lost packets: " + report);
        }
        return CaptureFile.pcap(file);
    }

    Path file() {
        return file;
    }

    /** SIGTERM, on which it writes what it holds and reports. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
}
