package io.hindsight.agent;

import java.util.UUID;

/**
 * Which run of which program an agent is: what its status and its link say of it, so that the Hub can tell a restart from a rival. Immutable.
 *
 * @param version of the program
 * @param instance different at every start
 */
public record AgentIdentity(String version, String instance) {
    /** A run that begins now. */
    public static AgentIdentity ofNewRun(String version) {
        return new AgentIdentity(version, UUID.randomUUID().toString());
    }
}
