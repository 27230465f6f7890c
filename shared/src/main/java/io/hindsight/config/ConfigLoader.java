package io.hindsight.config;

import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.config.AccessConfig.Oidc;
import io.hindsight.config.AgentConfig.CaptureImplementation;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.config.EventsConfig.OsEvents;
import io.hindsight.config.Setting.Role;
import io.hindsight.error.HindsightException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Settings from a file, the environment and options, in the order of rising priority, and the records made of them. Everything that is
 * wrong is reported at once: unknown names with the nearest known one, values that cannot be read, and broken limits, each with the place
 * it comes from. Thread-safe: it keeps nothing.
 */
public final class ConfigLoader {
    private static final List<String> SOURCES = List.of("auto", "af_packet", "pcap4j");
    private static final List<String> REPLAY_SPEEDS = List.of("real", "full");
    private static final List<String> OS_EVENTS = List.of("auto", "ebpf", "netlink", "off");
    private static final List<String> KUBERNETES = List.of("auto", "on", "off");

    private ConfigLoader() {}

    /**
     * Where settings come from. Immutable.
     *
     * @param process whose settings: those of other roles may stand in the file and in the environment, and are not used
     * @param file a YAML file, or null
     * @param environment all of it: variables that do not start with {@code HINDSIGHT_} are passed over
     * @param options from the command line, as written
     */
    public record Inputs(
            Role process, @Nullable Path file, Map<String, String> environment, Map<Setting, List<String>> options) {
        public Inputs {
            environment = Map.copyOf(environment);
            options = Map.copyOf(options);
        }
    }

    /**
     * Loads and validates.
     *
     * @throws HindsightException INVALID_CONFIGURATION with every problem
     */
    public static Configuration load(Inputs inputs) {
        ConfigProblems problems =
                new ConfigProblems(
                        inputs.process() == Role.BOTH ? "" : inputs.process().name().toLowerCase(Locale.ROOT));
        Map<Setting, SettingValue> values = merged(inputs, problems);
        SettingReader reader = new SettingReader(values, problems);
        Path data = reader.path(Setting.DATA);
        Optional<AgentConfig> agent =
                inputs.process() == Role.HUB ? Optional.empty() : made(() -> agent(reader, data), reader, problems);
        Optional<HubConfig> hub =
                inputs.process() == Role.AGENT ? Optional.empty() : made(() -> hub(reader, data), reader, problems);
        Optional<LinkConfig> link =
                inputs.process() == Role.AGENT && !reader.text(Setting.HUB).isEmpty()
                        ? made(() -> link(reader), reader, problems)
                        : Optional.empty();
        Optional<BusClusterConfig> cluster =
                reader.bool(Setting.CLUSTERED) ? made(() -> busCluster(reader), reader, problems) : Optional.empty();
        problems.check(
                link.isEmpty() || cluster.isEmpty(),
                Setting.HUB.key(),
                "and clustered=true are two ways to one Hub: name the one or the other");
        problems.throwIfAny();
        List<SettingValue> used =
                values.values().stream().filter(value -> value.setting().concerns(inputs.process())).toList();
        return new Configuration(inputs.process(), used, data, agent, hub, link, cluster);
    }

    private static Map<Setting, SettingValue> merged(Inputs inputs, ConfigProblems problems) {
        Map<Setting, SettingValue> values = defaults(inputs.environment());
        if (inputs.file() != null) {
            values.putAll(SettingsFile.read(inputs.file(), problems));
        }
        values.putAll(SettingsEnvironment.read(inputs.environment(), problems));
        inputs.options().forEach((setting, texts) -> values.put(setting, option(setting, texts)));
        return values;
    }

    private static Map<Setting, SettingValue> defaults(Map<String, String> environment) {
        Map<Setting, SettingValue> values = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            String text = setting.defaultText();
            values.put(setting, defaultValue(setting, text == null ? List.of() : List.of(text)));
        }
        String data = MachineDefaults.dataDirectory(environment).toString();
        values.put(Setting.DATA, defaultValue(Setting.DATA, List.of(data)));
        values.put(Setting.NODE, defaultValue(Setting.NODE, List.of(MachineDefaults.nodeName(environment))));
        return values;
    }

    private static SettingValue defaultValue(Setting setting, List<String> texts) {
        return new SettingValue(setting, texts, Origin.DEFAULT);
    }

    private static SettingValue option(Setting setting, List<String> texts) {
        List<String> split =
                setting.list() ? texts.stream().flatMap(text -> SettingTexts.split(text).stream()).toList() : texts;
        return new SettingValue(setting, split, new Origin(Origin.Kind.OPTION, setting.option()));
    }

    private static <T> Optional<T> made(Supplier<T> maker, SettingReader reader, ConfigProblems problems) {
        try {
            return Optional.of(maker.get());
        } catch (HindsightException refused) {
            problems.addAll(refused, reader::originNote);
            return Optional.empty();
        }
    }

    private static AgentConfig agent(SettingReader reader, Path data) {
        return new AgentConfig(
                reader.node(),
                data.resolve("ring"),
                reader.size(Setting.STORAGE_SIZE),
                reader.size(Setting.SLOT_SIZE),
                reader.texts(Setting.INTERFACE),
                reader.integer(Setting.SNAP_LENGTH),
                reader.text(Setting.FILTER),
                CaptureImplementation.valueOf(reader.word(Setting.SOURCE, SOURCES).toUpperCase(Locale.ROOT)),
                reader.integer(Setting.CAPTURE_THREADS),
                reader.size(Setting.KERNEL_BUFFER),
                reader.optionalPath(Setting.REPLAY),
                reader.word(Setting.REPLAY_SPEED, REPLAY_SPEEDS).equals("full"),
                reader.size(Setting.MAX_RATE),
                events(reader));
    }

    private static EventsConfig events(SettingReader reader) {
        return new EventsConfig(
                OsEvents.valueOf(reader.word(Setting.OS_EVENTS, OS_EVENTS).toUpperCase(Locale.ROOT)),
                KubernetesEvents.valueOf(reader.word(Setting.KUBERNETES, KUBERNETES).toUpperCase(Locale.ROOT)),
                reader.optionalPath(Setting.KUBECONFIG),
                reader.bool(Setting.CLUSTER_RECORDER));
    }

    private static HubConfig hub(SettingReader reader, Path data) {
        ListenSetting listen = reader.listen();
        return new HubConfig(
                data.resolve("snapshots"),
                listen.host(),
                listen.port(),
                reader.optionalPath(Setting.TOKEN_FILE),
                reader.integer(Setting.MAX_CONCURRENT_SNAPSHOTS),
                reader.size(Setting.STREAM_CREDIT),
                reader.duration(Setting.SYNC_INTERVAL),
                reader.size(Setting.SYNC_BYTES),
                reader.size(Setting.RESERVE_FREE),
                reader.size(Setting.SCRUB_RATE),
                reader.duration(Setting.SCRUB_INTERVAL),
                tls(reader),
                reader.bool(Setting.INSECURE),
                reader.size(Setting.LANE_MEMORY),
                reader.duration(Setting.NODE_PATIENCE),
                new VolumeRules(
                        reader.size(Setting.QUOTA),
                        reader.duration(Setting.RETAIN_FOR),
                        reader.size(Setting.RETAIN_BYTES)),
                new AccessConfig(kubernetesTokens(reader), oidc(reader)),
                cluster(reader),
                reader.integer(Setting.TCP_BRIDGE_PORT));
    }

    private static @Nullable KubernetesTokens kubernetesTokens(SettingReader reader) {
        return reader.bool(Setting.KUBERNETES_TOKENS)
                ? new KubernetesTokens(
                        reader.text(Setting.TOKEN_AUDIENCE),
                        reader.names(Setting.AGENT_ACCOUNTS),
                        reader.names(Setting.RECORDER_ACCOUNTS))
                : null;
    }

    private static @Nullable Oidc oidc(SettingReader reader) {
        return reader.text(Setting.OIDC_ISSUER).isEmpty()
                ? null
                : new Oidc(
                        reader.uri(Setting.OIDC_ISSUER),
                        reader.text(Setting.OIDC_AUDIENCE),
                        reader.optionalPath(Setting.OIDC_CA),
                        reader.text(Setting.OIDC_NAME_CLAIM),
                        reader.text(Setting.OIDC_GROUPS_CLAIM),
                        reader.names(Setting.OIDC_VIEWERS),
                        reader.names(Setting.OIDC_ANALYSTS),
                        reader.names(Setting.OIDC_ADMINS));
    }

    private static ClusterConfig cluster(SettingReader reader) {
        String daemonSet = reader.text(Setting.AGENT_DAEMONSET);
        return new ClusterConfig(
                reader.capturePolicy(),
                reader.optionalPath(Setting.KUBECONFIG),
                daemonSet.isEmpty() ? null : daemonSet);
    }

    private static BusClusterConfig busCluster(SettingReader reader) {
        return new BusClusterConfig(
                reader.text(Setting.CLUSTER_HOST).strip(),
                reader.integer(Setting.CLUSTER_PORT),
                reader.integer(Setting.CLUSTER_MEMBERSHIP_PORT),
                reader.peers(Setting.CLUSTER_PEERS),
                new TlsFiles(
                        reader.optionalPath(Setting.CLUSTER_CERT),
                        reader.optionalPath(Setting.CLUSTER_KEY),
                        reader.optionalPath(Setting.CLUSTER_CA)),
                reader.optionalPath(Setting.CLUSTER_SECRET_FILE));
    }

    private static LinkConfig link(SettingReader reader) {
        return new LinkConfig(
                reader.uri(Setting.HUB),
                reader.optionalPath(Setting.TOKEN_FILE),
                tls(reader),
                reader.bool(Setting.INSECURE));
    }

    private static TlsFiles tls(SettingReader reader) {
        return new TlsFiles(
                reader.optionalPath(Setting.TLS_CERT),
                reader.optionalPath(Setting.TLS_KEY),
                reader.optionalPath(Setting.TLS_CA));
    }
}
