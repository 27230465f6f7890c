package io.hindsight.hub.access;

import java.util.Locale;

/** What can be permitted. Each is a verb of Kubernetes' RBAC on {@value #RESOURCE} of the group {@value #GROUP}. */
public enum Permission {
    /** List snapshots, nodes and boundaries; show manifests, timelines, what is captured; follow events. Not what packets hold or who speaks to whom. */
    GET,
    /** Create a snapshot, cancel a running one. */
    CREATE,
    /** Take out what a snapshot holds: packets, records, flows, workloads and addresses, the live ones too. */
    EXPORT,
    /** Have every byte of a snapshot read again. */
    VERIFY,
    /** Delete a snapshot; see what retention would delete. */
    DELETE,
    /** Lock a snapshot against deletion. */
    LOCK,
    /** Change what is captured on every node. */
    CAPTURE,
    /** Read the custody log. */
    AUDIT;

    /** API group of the resource. */
    public static final String GROUP = "hindsight.io";

    /** Resource, of no real kind: rules name it, and nothing else. */
    public static final String RESOURCE = "snapshots";

    /** The verb in RBAC rules. */
    public String verb() {
        return name().toLowerCase(Locale.ROOT);
    }
}
