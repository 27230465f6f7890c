package io.hindsight.agent.capture;

import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.config.AgentConfig;

/** Makes the packet source that a configuration asks for. */
public final class PacketSources {
    private PacketSources() {}

    /** Opens nothing yet: {@link PacketSource#start} does. */
    public static PacketSource open(AgentConfig config) {
        return new AfPacketSource(config);
    }
}
