package io.hindsight.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every setting there is: one name in three spellings. {@code storage-size} in the file, {@code HINDSIGHT_STORAGE_SIZE} in the
 * environment, {@code --storage-size} on the command line.
 */
public enum Setting {
    DATA(Role.BOTH, "data", "DIR", null, "keeps everything below this folder: ring/ and snapshots/"),
    NODE(Role.AGENT, "node", "NAME", null, "this node's name; default: the host's"),
    INTERFACE(
            Role.AGENT,
            "interface",
            "NAME",
            "any",
            "interfaces to record: names, globs such as eth*, or any; repeatable"),
    STORAGE_SIZE(Role.AGENT, "storage-size", "SIZE", "1Gi", "all rings together, for example 512Mi or 20Gi"),
    SLOT_SIZE(Role.AGENT, "slot-size", "SIZE", "4Mi", "one chunk of packets, a power of two from 256Ki to 64Mi"),
    SNAP_LENGTH(Role.AGENT, "snap-length", "BYTES", "0", "bytes kept of each packet; 0: all"),
    FILTER(Role.AGENT, "filter", "BPF", "", "records only packets that match, for example \"not port 22\""),
    SOURCE(Role.AGENT, "source", "KIND", "auto", "how packets are captured: auto, af_packet or pcap4j"),
    CAPTURE_THREADS(
            Role.AGENT, "capture-threads", "N", "0", "capture threads; 0: chosen from the number of processors"),
    KERNEL_BUFFER(Role.AGENT, "kernel-buffer", "SIZE", "64Mi", "kernel capture ring of each thread"),
    REPLAY(Role.AGENT, "replay", "FILE", null, "records from a pcap or pcapng file instead of interfaces"),
    REPLAY_SPEED(
            Role.AGENT, "replay-speed", "SPEED", "real", "real: by the file's own clock; full: as fast as it goes"),
    MAX_RATE(
            Role.AGENT,
            "max-rate",
            "SIZE",
            "0",
            "bytes a second that the agent sends for snapshots, all together; 0: as fast as it goes"),
    OS_EVENTS(
            Role.AGENT,
            "os-events",
            "KIND",
            "auto",
            "where events of processes and sockets come from: auto, ebpf, netlink or off"),
    KUBERNETES(
            Role.AGENT,
            "kubernetes",
            "MODE",
            "auto",
            "records changes of Kubernetes objects: on, off, or auto: in a pod, or where kubeconfig is set"),
    KUBECONFIG(
            Role.BOTH,
            "kubeconfig",
            "FILE",
            null,
            "how to reach the API server; default: as a pod does, by its service account"),
    CLUSTER_RECORDER(
            Role.LINK,
            "cluster-recorder",
            "BOOLEAN",
            "false",
            "true records what belongs to no node (events, services, nodes, owners of pods) and nothing else; one for each cluster"),
    HUB(
            Role.LINK,
            "hub",
            "URL",
            null,
            "the Hub to link to, for example https://hub.example:8899 or kubernetes://NAMESPACE/SERVICE"),
    HOST(
            Role.HUB,
            "host",
            "ADDRESS",
            "127.0.0.1",
            "address to listen on; beyond loopback a token file is required, and TLS or insecure"),
    PORT(Role.HUB, "port", "PORT", "8899", "port to listen on; 0: any free one"),
    LISTEN(Role.HUB, "listen", "ADDRESS:PORT", null, "host and port in one, for example 0.0.0.0:8899 or [::]:8899"),
    TCP_BRIDGE_PORT(
            Role.HUB,
            "tcp-bridge-port",
            "PORT",
            "0",
            "port at which programs join the event bus over TCP, on loopback or with tls-cert; 0: none"),
    TOKEN_FILE(
            Role.BOTH,
            "token-file",
            "FILE",
            null,
            "file with the bearer tokens that a Hub takes, or with the one that an agent shows"),
    TLS_CERT(Role.BOTH, "tls-cert", "FILE", null, "PEM certificate chain to show: the Hub's, or an agent's"),
    TLS_KEY(Role.BOTH, "tls-key", "FILE", null, "PEM private key of tls-cert"),
    TLS_CA(
            Role.BOTH,
            "tls-ca",
            "FILE",
            null,
            "PEM certificates to trust: an agent trusts Hubs of this CA, a Hub trusts agents of this CA without a token"),
    CLUSTERED(
            Role.BOTH,
            "clustered",
            "BOOLEAN",
            "false",
            "true makes this process a member of a clustered event bus; an agent then needs no hub"),
    CLUSTER_HOST(
            Role.BOTH,
            "cluster-host",
            "ADDRESS",
            "127.0.0.1",
            "address at which the cluster's other members reach this one, on both ports"),
    CLUSTER_PORT(Role.BOTH, "cluster-port", "PORT", "57800", "port of the clustered event bus"),
    CLUSTER_MEMBERSHIP_PORT(
            Role.BOTH,
            "cluster-membership-port",
            "PORT",
            "7800",
            "port on which the cluster's members know each other"),
    CLUSTER_PEERS(
            Role.BOTH,
            "cluster-peers",
            "HOST:PORT",
            "",
            "membership ports of members to look for, the Hub's first of all; repeatable"),
    CLUSTER_CERT(Role.BOTH, "cluster-cert", "FILE", null, "PEM certificate chain that this member shows to the others"),
    CLUSTER_KEY(Role.BOTH, "cluster-key", "FILE", null, "PEM private key of cluster-cert"),
    CLUSTER_CA(
            Role.BOTH,
            "cluster-ca",
            "FILE",
            null,
            "PEM certificates of the authority of the members' certificates: one for the cluster alone"),
    CLUSTER_SECRET_FILE(
            Role.BOTH,
            "cluster-secret-file",
            "FILE",
            null,
            "file with the secret that every member knows, 16 characters or more"),
    INSECURE(
            Role.BOTH,
            "insecure",
            "BOOLEAN",
            "false",
            "true allows plain HTTP beyond loopback: anybody on the way can read and change"),
    LANE_MEMORY(
            Role.HUB,
            "lane-memory",
            "SIZE",
            "128Mi",
            "memory for chunks that arrive from other machines, all together"),
    NODE_PATIENCE(
            Role.HUB,
            "node-patience",
            "TIME",
            "60s",
            "how long a snapshot waits for a node that broke off to come back, before it goes on without it"),
    MAX_CONCURRENT_SNAPSHOTS(Role.HUB, "max-concurrent-snapshots", "N", "32", "snapshots that run at once"),
    STREAM_CREDIT(Role.HUB, "stream-credit", "SIZE", "32Mi", "bytes under way for each node of a snapshot"),
    SYNC_INTERVAL(Role.HUB, "sync-interval", "TIME", "1s", "a snapshot's files are forced to disk at least this often"),
    SYNC_BYTES(Role.HUB, "sync-bytes", "SIZE", "64Mi", "a snapshot's files are forced to disk after this many bytes"),
    RESERVE_FREE(Role.HUB, "reserve-free", "SIZE", "64Mi", "bytes of the volume that snapshots never take"),
    SCRUB_RATE(
            Role.HUB,
            "scrub-rate",
            "SIZE",
            "20Mi",
            "bytes a second at which sealed snapshots are verified in the background; 0: never"),
    SCRUB_INTERVAL(Role.HUB, "scrub-interval", "TIME", "7d", "each sealed snapshot is verified again after this time"),
    QUOTA(Role.HUB, "quota", "SIZE", "0", "bytes that snapshots may take on the volume altogether; 0: no quota"),
    RETAIN_FOR(
            Role.HUB,
            "retain-for",
            "TIME",
            "0s",
            "deletes each snapshot so long after it was sealed, unless it is locked; 0s: never"),
    RETAIN_BYTES(
            Role.HUB,
            "retain-bytes",
            "SIZE",
            "0",
            "deletes the oldest snapshots while all together take more, unless they are locked; 0: never"),
    REGEX(
            Role.HUB,
            "regex",
            "REGEX",
            "",
            "every node records only traffic of pods whose name this finds (RE2); until changed at run time"),
    NAMESPACES(
            Role.HUB,
            "namespaces",
            "NAME",
            "",
            "every node records only traffic of pods of these namespaces; repeatable"),
    EXCLUDED_NAMESPACES(
            Role.HUB,
            "excluded-namespaces",
            "NAME",
            "",
            "no node records traffic of pods of these namespaces; repeatable"),
    BPF_OVERRIDE(
            Role.HUB,
            "bpf-override",
            "BPF",
            "",
            "every node records what this matches, in place of regex, namespaces and excluded-namespaces"),
    OWN_TRAFFIC(
            Role.HUB,
            "own-traffic",
            "BOOLEAN",
            "false",
            "true records the program's own packets too: those of agents and users with the Hub"),
    KUBERNETES_TOKENS(
            Role.HUB,
            "kubernetes-tokens",
            "BOOLEAN",
            "false",
            "true takes tokens of Kubernetes, which its API server reviews; RBAC on snapshots.hindsight.io says who may do what"),
    TOKEN_AUDIENCE(Role.HUB, "token-audience", "NAME", "hindsight", "audience that tokens of Kubernetes are made for"),
    AGENT_ACCOUNTS(
            Role.HUB,
            "agent-accounts",
            "NAMESPACE/NAME",
            "",
            "service accounts of agents: each joins as the node that its pod runs on; repeatable"),
    RECORDER_ACCOUNTS(
            Role.HUB,
            "recorder-accounts",
            "NAMESPACE/NAME",
            "",
            "service accounts of cluster recorders: they join as the node named cluster-recorder; repeatable"),
    AGENT_DAEMONSET(
            Role.HUB,
            "agent-daemonset",
            "NAMESPACE/NAME",
            "",
            "DaemonSet of the agents: nodes on which it should have a pod and that have not joined are shown as missing, with the reason"),
    OIDC_ISSUER(Role.HUB, "oidc-issuer", "URL", "", "takes ID and access tokens (JWT) of this OpenID Connect issuer"),
    OIDC_AUDIENCE(Role.HUB, "oidc-audience", "NAME", "hindsight", "audience that tokens of oidc-issuer are made for"),
    OIDC_CA(Role.HUB, "oidc-ca", "FILE", null, "PEM certificates to trust for oidc-issuer; default: the system's"),
    OIDC_NAME_CLAIM(Role.HUB, "oidc-name-claim", "CLAIM", "sub", "claim that names the caller"),
    OIDC_GROUPS_CLAIM(Role.HUB, "oidc-groups-claim", "CLAIM", "groups", "claim that lists the caller's groups"),
    OIDC_VIEWERS(Role.HUB, "oidc-viewers", "GROUP", "", "groups that may list and show; repeatable"),
    OIDC_ANALYSTS(Role.HUB, "oidc-analysts", "GROUP", "", "groups that may also create and export; repeatable"),
    OIDC_ADMINS(
            Role.HUB,
            "oidc-admins",
            "GROUP",
            "",
            "groups that may also delete, lock, change what is captured, and read the custody log; repeatable");

    /** Which process a setting concerns. */
    public enum Role {
        AGENT,
        HUB,
        BOTH,
        /** An agent in a process of its own. */
        LINK
    }

    private static final Set<Setting> LISTS =
            EnumSet.of(
                    INTERFACE,
                    NAMESPACES,
                    EXCLUDED_NAMESPACES,
                    CLUSTER_PEERS,
                    AGENT_ACCOUNTS,
                    RECORDER_ACCOUNTS,
                    OIDC_VIEWERS,
                    OIDC_ANALYSTS,
                    OIDC_ADMINS);

    private static final Set<Setting> FLAGS =
            EnumSet.of(INSECURE, CLUSTERED, CLUSTER_RECORDER, OWN_TRAFFIC, KUBERNETES_TOKENS);

    /** How every environment variable of the program starts. */
    public static final String ENVIRONMENT_PREFIX = "HINDSIGHT_";

    private final Role role;
    private final String key;
    private final String label;
    private final @Nullable String defaultText;
    private final String description;

    Setting(Role role, String key, String label, @Nullable String defaultText, String description) {
        this.role = role;
        this.key = key;
        this.label = label;
        this.defaultText = defaultText;
        this.description = description;
    }

    /** Name in a file. */
    public String key() {
        return key;
    }

    /** Name in the environment. */
    public String environmentName() {
        return ENVIRONMENT_PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** Name on the command line. */
    public String option() {
        return "--" + key;
    }

    /** What stands for the value in help texts. */
    public String label() {
        return label;
    }

    /** One line for help texts. */
    public String description() {
        return description;
    }

    /** The default as one would write it; null where there is none, or where it depends on the machine. */
    public @Nullable String defaultText() {
        return defaultText;
    }

    /** Whether several values may be given: separated by commas, as a YAML list, or by repeating the option. */
    public boolean list() {
        return LISTS.contains(this);
    }

    /** Whether the option may stand alone, for {@code true}. */
    public boolean flag() {
        return FLAGS.contains(this);
    }

    /** Whether the setting concerns a process of this role. */
    public boolean concerns(Role process) {
        if (role == Role.LINK) {
            return process == Role.AGENT;
        }
        return process == Role.BOTH || role == Role.BOTH || role == process;
    }

    /** All settings of a process, in the order of declaration. */
    public static Set<Setting> of(Role process) {
        EnumSet<Setting> settings = EnumSet.allOf(Setting.class);
        settings.removeIf(setting -> !setting.concerns(process));
        return settings;
    }

    /** The setting with this {@link #key()}. */
    public static Optional<Setting> ofKey(String key) {
        return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
    }

    /** Every {@link #key()}. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }
}
