package io.hindsight.hub.access;

import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Who sends a request, and what it may do. Immutable.
 *
 * @param name for records of who did what
 * @param permissions what it may do with the API
 * @param joinsAsAny whether it may join as any node
 * @param joinsAs nodes that it may join as, beside
 */
public record Caller(String name, Set<Permission> permissions, boolean joinsAsAny, Set<String> joinsAs) {
    /** Of a Hub that asks nobody: it is reached from its own machine alone. */
    public static final Caller LOCAL = new Caller("local", Role.ADMIN.permissions(), true, Set.of());

    /** Of a request of which nobody has said whose it is. */
    public static final Caller ANONYMOUS = new Caller("anonymous", Set.of(), false, Set.of());

    private static final String AGENT = "agent";
    private static final String AGENT_OF_NODE = "agent@";

    public Caller {
        permissions = Set.copyOf(permissions);
        joinsAs = Set.copyOf(joinsAs);
    }

    /** Of a token without a name: everything. */
    public static Caller ofBareToken() {
        return new Caller("token", Role.ADMIN.permissions(), true, Set.of());
    }

    /** Of a token with a name: {@code agent} joins as any node, {@code agent@NODE} as that one, any other uses the API; empty for a NODE that none can have. */
    public static Optional<Caller> ofTokenName(String name) {
        if (name.equals(AGENT)) {
            return Optional.of(new Caller(name, Set.of(), true, Set.of()));
        }
        if (!name.startsWith(AGENT_OF_NODE)) {
            return Optional.of(new Caller(name, Role.ADMIN.permissions(), false, Set.of()));
        }
        try {
            NodeId node = new NodeId(name.substring(AGENT_OF_NODE.length()));
            return Optional.of(new Caller(name, Set.of(), false, Set.of(node.name())));
        } catch (HindsightException notAName) {
            return Optional.empty();
        }
    }

    /** Whether a token of this name is an agent's. */
    static boolean isNameOfAgent(String name) {
        return name.equals(AGENT) || name.startsWith(AGENT_OF_NODE);
    }

    /** Of a client certificate without a token: it joins as the nodes that it names. */
    public static Caller ofCertificate(Set<String> names) {
        return new Caller("certificate", Set.of(), false, names);
    }

    /** The same caller, who has shown a certificate as well. */
    public Caller withCertificate(Set<String> names) {
        Set<String> all = new LinkedHashSet<>(joinsAs);
        all.addAll(names);
        return new Caller(name, permissions, joinsAsAny, all);
    }

    /** Of a user. */
    public static Caller ofUser(String name, Set<Permission> permissions) {
        return new Caller(name, permissions, false, Set.of());
    }

    /** Of an agent that has proved to be this node's. */
    public static Caller ofAgent(String name, NodeId node) {
        return new Caller(name, Set.of(), false, Set.of(node.name()));
    }

    /** Whether it may do this with the API. */
    public boolean may(Permission permission) {
        return permissions.contains(permission);
    }

    /** Whether it may do anything with the API. */
    public boolean usesApi() {
        return !permissions.isEmpty();
    }

    /** Whether it may join at all. */
    public boolean joins() {
        return joinsAsAny || !joinsAs.isEmpty();
    }

    /** Whether it may join as this node. */
    public boolean joinsAs(NodeId node) {
        return joinsAsAny || joinsAs.contains(node.name());
    }
}
