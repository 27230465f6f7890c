package io.hindsight.agent.capture;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An independent witness: {@code tcpdump -w} on the same interface at the same time. */
final class Tcpdump implements AutoCloseable {
    private static final int FILE_HEADER_LENGTH = 24;
    private static final int NANOSECOND_MAGIC = 0xA1B2_3C4D;

    private final Path file;
    private final Process process;

    /** Returns when tcpdump listens. */
    Tcpdump(NetworkNamespace namespace, Path folder, String interfaceName, int snapLength, String filter)
            throws IOException {
        file = Files.createTempFile(folder, "tcpdump", ".pcap");
        Path log = Files.createTempFile(folder, "tcpdump", ".log");
        String[] options = {
            "tcpdump",
            "-i",
            interfaceName,
            "-p",
            "-n",
            "-U",
            "-B",
            "32768",
            "--time-stamp-precision=nano",
            "-Z",
            "root",
            "-s",
            Integer.toString(snapLength),
            "-w",
            file.toString()
        };
        List<String> command =
                namespace.command(
                        filter.isEmpty()
                                ? options
                                : Stream.concat(Stream.of(options), Stream.of(filter)).toArray(String[]::new));
        process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.readString(log).contains("listening on"));
    }

    /** Waits until a packet that contains these bytes was written. */
    void awaitPacket(String hex) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> packets().stream().anyMatch(packet -> packet.hex().contains(hex)));
    }

    /** What is in the file so far; a packet that is being written is left out. */
    List<SeenPacket> packets() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<SeenPacket> packets = new ArrayList<>();
        if (bytes.remaining() < FILE_HEADER_LENGTH) {
            return packets;
        }
        if (bytes.getInt() != NANOSECOND_MAGIC) {
            throw new AssertionError("tcpdump wrote no nanoseconds");
        }
        bytes.position(FILE_HEADER_LENGTH);
        while (bytes.remaining() >= 16 && bytes.remaining() - 16 >= bytes.getInt(bytes.position() + 8)) {
            packets.add(next(bytes));
        }
        return packets;
    }

    private static SeenPacket next(ByteBuffer bytes) {
        long timestampNs = Integer.toUnsignedLong(bytes.getInt()) * 1_000_000_000L + bytes.getInt();
        byte[] data = new byte[bytes.getInt()];
        int originalLength = bytes.getInt();
        bytes.get(data);
        return new SeenPacket(timestampNs, originalLength, HexFormat.of().formatHex(data));
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
