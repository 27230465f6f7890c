package io.hindsight.config;

import io.hindsight.config.Setting.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A process's effective settings, and the records made of them. Immutable.
 *
 * @param process whose
 * @param values one for each setting that concerns it, in the order of {@link Setting}
 * @param dataDirectory folder of everything it keeps
 * @param agent what the agent needs; empty for {@link Role#HUB}
 * @param hub what the Hub needs; empty for {@link Role#AGENT}
 * @param link how an agent in a process of its own reaches its Hub; empty for the others, and where no Hub is named
 * @param cluster how it is a member of a clustered event bus; empty where it is none
 */
public record Configuration(
        Role process,
        List<SettingValue> values,
        Path dataDirectory,
        Optional<AgentConfig> agent,
        Optional<HubConfig> hub,
        Optional<LinkConfig> link,
        Optional<BusClusterConfig> cluster) {
    public Configuration {
        values = List.copyOf(values);
    }

    /** The agent's part of a process that has one. */
    public AgentConfig agentConfig() {
        return agent.orElseThrow(() -> new IllegalStateException("No agent settings were loaded."));
    }

    /** The Hub's part of a process that has one. */
    public HubConfig hubConfig() {
        return hub.orElseThrow(() -> new IllegalStateException("No Hub settings were loaded."));
    }

    /** The link of an agent in a process of its own. */
    public LinkConfig linkConfig() {
        return link.orElseThrow(() -> new IllegalStateException("No Hub was named."));
    }
}
