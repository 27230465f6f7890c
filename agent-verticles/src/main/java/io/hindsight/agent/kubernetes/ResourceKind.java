package io.hindsight.agent.kubernetes;

import java.util.List;

/**
 * The kinds of objects that are asked for; nothing else ever is. Secrets and ConfigMaps are not here, and there is no way to ask for a kind that is not.
 */
enum ResourceKind {
    POD("v1", "Pod", "pods", false),
    EVENT("events.k8s.io/v1", "Event", "events", false),
    SERVICE("v1", "Service", "services", false),
    ENDPOINT_SLICE("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", false),
    NODE("v1", "Node", "nodes", false),
    NAMESPACE("v1", "Namespace", "namespaces", false),
    REPLICA_SET("apps/v1", "ReplicaSet", "replicasets", true),
    DEPLOYMENT("apps/v1", "Deployment", "deployments", true),
    STATEFUL_SET("apps/v1", "StatefulSet", "statefulsets", true),
    DAEMON_SET("apps/v1", "DaemonSet", "daemonsets", true),
    JOB("batch/v1", "Job", "jobs", true),
    CRON_JOB("batch/v1", "CronJob", "cronjobs", true);

    /** What an agent watches of its own node. */
    static final List<ResourceKind> OF_A_NODE = List.of(POD);

    /** What one agent of a cluster watches for all: what belongs to no node, and the owners of pods. */
    static final List<ResourceKind> OF_THE_CLUSTER =
            List.of(
                    NAMESPACE,
                    NODE,
                    SERVICE,
                    ENDPOINT_SLICE,
                    DEPLOYMENT,
                    REPLICA_SET,
                    STATEFUL_SET,
                    DAEMON_SET,
                    JOB,
                    CRON_JOB,
                    EVENT);

    private final String apiVersion;
    private final String kind;
    private final String plural;
    private final boolean metadataOnly;

    ResourceKind(String apiVersion, String kind, String plural, boolean metadataOnly) {
        this.apiVersion = apiVersion;
        this.kind = kind;
        this.plural = plural;
        this.metadataOnly = metadataOnly;
    }

    /** {@code v1}, {@code apps/v1}, … */
    String apiVersion() {
        return apiVersion;
    }

    /** {@code Pod}, {@code ReplicaSet}, … */
    String kind() {
        return kind;
    }

    /** {@code pods}, {@code replicasets}, …: the name in paths and in RBAC rules. */
    String plural() {
        return plural;
    }

    /** Whether only metadata is asked for, and kept: of owners names and labels matter, not their templates. */
    boolean isMetadataOnly() {
        return metadataOnly;
    }

    /**
     * Whether the objects are remembered, to compare later states with and to write into checkpoints. Events are not: nothing resolves by them, they are
     * many, and each of their changes is stored whole.
     */
    boolean isRemembered() {
        return this != EVENT;
    }

    /** Path of the collection, over all namespaces. */
    String path() {
        return (apiVersion.indexOf('/') < 0 ? "/api/" : "/apis/") + apiVersion + "/" + plural;
    }

    /** What to ask for: JSON, of owners their metadata alone. A server that does not know the latter sends whole objects, which are cut as they are read. */
    String accept() {
        return metadataOnly ? as("PartialObjectMetadataList") + ",application/json" : "application/json";
    }

    /** Of a watch each object comes alone. */
    String acceptForWatch() {
        return metadataOnly ? as("PartialObjectMetadata") + ",application/json" : "application/json";
    }

    private static String as(String type) {
        return "application/json;as=" + type + ";g=meta.k8s.io;v=v1";
    }
}
