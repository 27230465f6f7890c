package io.hindsight.agent;

import io.hindsight.agent.capture.PacketSource;
import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.agent.capture.pcap4j.Pcap4jSource;
import io.hindsight.agent.capture.replay.ReplaySource;
import io.hindsight.config.AgentConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the packet source that a configuration asks for. */
public final class PacketSources {
    private static final Logger LOG = LoggerFactory.getLogger(PacketSources.class);

    private PacketSources() {}

    /** Opens nothing yet: {@link PacketSource#start} does. */
    public static PacketSource open(AgentConfig config) {
        if (config.replay() != null) {
            return new ReplaySource(config);
        }
        return switch (config.source()) {
            case AF_PACKET -> new AfPacketSource(config);
            case PCAP4J -> new Pcap4jSource(config);
            case AUTO -> best(config);
        };
    }

    private static PacketSource best(AgentConfig config) {
        String reason = AfPacketSource.whyUnusable();
        if (reason.isEmpty()) {
            return new AfPacketSource(config);
        }
        LOG.warn("Recording through libpcap instead of AF_PACKET, which takes more processor time: {}", reason);
        return new Pcap4jSource(config);
    }
}
