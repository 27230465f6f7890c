package io.hindsight.hub.http;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who sends a request, and what it may do. Immutable.
 *
 * @param name for records of who did what
 * @param usesApi whether it may use the API
 * @param joinsAsAny whether it may join as any node
 * @param joinsAs nodes that it may join as, beside
 */
record Caller(String name, boolean usesApi, boolean joinsAsAny, Set<String> joinsAs) {
    /** Of a Hub that asks nobody: it is reached from its own machine alone. */
    static final Caller LOCAL = new Caller("local", true, true, Set.of());

    private static final String AGENT = "agent";
    private static final String AGENT_OF_NODE = "agent@";

    Caller {
        joinsAs = Set.copyOf(joinsAs);
    }

    /** Of a token without a name: everything. */
    static Caller ofBareToken() {
        return new Caller("token", true, true, Set.of());
    }

    /** Of a token with a name: {@code agent} joins as any node, {@code agent@NODE} as that one, any other uses the API; empty for a NODE that none can have. */
    static Optional<Caller> ofTokenName(String name) {
        if (name.equals(AGENT)) {
            return Optional.of(new Caller(name, false, true, Set.of()));
        }
        if (!name.startsWith(AGENT_OF_NODE)) {
            return Optional.of(new Caller(name, true, false, Set.of()));
        }
        try {
            NodeId node = new NodeId(name.substring(AGENT_OF_NODE.length()));
            return Optional.of(new Caller(name, false, false, Set.of(node.name())));
        } catch (HindsightException notAName) {
            return Optional.empty();
        }
    }

    /** Of a client certificate without a token: it joins as the nodes that it names. */
    static Caller ofCertificate(Set<String> names) {
        return new Caller("certificate", false, false, names);
    }

    /** The same caller, who has shown a certificate as well. */
    Caller withCertificate(Set<String> names) {
        Set<String> all = new LinkedHashSet<>(joinsAs);
        all.addAll(names);
        return new Caller(name, usesApi, joinsAsAny, all);
    }

    /** Whether it may join at all. */
    boolean joins() {
        return joinsAsAny || !joinsAs.isEmpty();
    }

    /** Whether it may join as this node. */
    boolean joinsAs(NodeId node) {
        return joinsAsAny || joinsAs.contains(node.name());
    }
}
