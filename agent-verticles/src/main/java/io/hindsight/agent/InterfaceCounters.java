package io.hindsight.agent;

import io.hindsight.agent.capture.CaptureInterface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's own packet counters, from {@code /sys/class/net}. Reads files: call it on a worker. */
final class InterfaceCounters {
    private static final Logger LOG = LoggerFactory.getLogger(InterfaceCounters.class);

    private final Path root;

    /** {@code root} is {@code /sys/class/net}. */
    InterfaceCounters(Path root) {
        this.root = root;
    }

    /** Packets that the interfaces have received and sent; one that has gone, or is no kernel's, counts nothing. */
    long packets(List<CaptureInterface> interfaces) {
        long packets = 0;
        for (CaptureInterface networkInterface : interfaces) {
            if (networkInterface.kernelIndex() > 0) {
                Path statistics = root.resolve(networkInterface.name()).resolve("statistics");
                packets += read(statistics.resolve("rx_packets")) + read(statistics.resolve("tx_packets"));
            }
        }
        return packets;
    }

    private static long read(Path counter) {
        try {
            return Long.parseLong(Files.readString(counter).strip());
        } catch (IOException | NumberFormatException gone) {
            LOG.debug("No interface counter at {}.", counter, gone);
            return 0;
        }
    }
}
