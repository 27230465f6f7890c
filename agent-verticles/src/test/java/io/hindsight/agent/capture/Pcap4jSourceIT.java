package io.hindsight.agent.capture;

import io.hindsight.agent.capture.pcap4j.Pcap4jSource;
import io.hindsight.config.AgentConfig;
import java.io.IOException;

/** libpcap keeps the contract of packet sources. It does not make the kernel stamp packets on arrival, so something else must. */
class Pcap4jSourceIT extends PacketSourceContractTest {
    private static final String STAMPING =
            """
            import socket, sys
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, 35, 1) # SO_TIMESTAMPNS
            print("on", flush=True)
            sys.stdin.read()
            """;

    @Override
    PacketSource source(AgentConfig config) {
        return new Pcap4jSource(config);
    }

    @Override
    int filterChanges() {
        return 6;
    }

    @Override
    Stamping stamping() throws IOException {
        Process process = new ProcessBuilder("python3", "-c", STAMPING).start();
        if (process.getInputStream().read() < 0) {
            throw new AssertionError("python3 ended");
        }
        return () -> {
            process.destroy();
            process.onExit().join();
        };
    }
}
