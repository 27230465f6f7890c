package io.hindsight.agent.capture;

import io.hindsight.agent.capture.linux.AfPacketSource;
import io.hindsight.config.AgentConfig;

/** AF_PACKET rings keep the contract of packet sources, and make the kernel stamp packets by themselves. */
class AfPacketSourceIT extends PacketSourceContractTest {
    @Override
    PacketSource source(AgentConfig config) {
        return new AfPacketSource(config);
    }

    @Override
    Stamping stamping() {
        return () -> {};
    }
}
