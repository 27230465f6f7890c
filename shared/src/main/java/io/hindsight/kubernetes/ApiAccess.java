package io.hindsight.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.EventsConfig.KubernetesEvents;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How to reach the API server: by a kubeconfig that is named, or as a pod does. Nothing is guessed: no kubeconfig of a home folder, no system properties. */
public final class ApiAccess {
    /** Where the kubelet puts what a pod needs. */
    public static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int REQUEST_TIMEOUT_MS = 30_000;

    private ApiAccess() {}

    /**
     * What the client is made with; empty where nothing is to be recorded.
     *
     * @throws HindsightException INVALID_CONFIGURATION where it is to be, and there is no way
     */
    public static Optional<Config> of(EventsConfig config, Map<String, String> environment, Path serviceAccount) {
        if (config.kubernetes() == KubernetesEvents.OFF) {
            return Optional.empty();
        }
        Path kubeconfig = config.kubeconfig();
        if (kubeconfig != null) {
            return Optional.of(patient(ofFile(kubeconfig)));
        }
        Config inPod = ofPod(environment, serviceAccount);
        if (inPod != null) {
            return Optional.of(patient(inPod));
        }
        if (config.kubernetes() == KubernetesEvents.ON || config.clusterRecorder()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    noWay(config.clusterRecorder() ? "cluster-recorder=true" : "kubernetes=on", serviceAccount));
        }
        return Optional.empty();
    }

    /**
     * What the client of something that cannot do without the API server is made with.
     *
     * @param kubeconfig that was set; null: as a pod does
     * @param setting that needs it, for the refusal
     * @throws HindsightException INVALID_CONFIGURATION where there is no way
     */
    public static Config require(
            @Nullable Path kubeconfig, String setting, Map<String, String> environment, Path serviceAccount) {
        Config config = kubeconfig == null ? ofPod(environment, serviceAccount) : ofFile(kubeconfig);
        if (config == null) {
            throw new HindsightException(ErrorCode.INVALID_CONFIGURATION, noWay(setting, serviceAccount));
        }
        return patient(config);
    }

    private static String noWay(String setting, Path serviceAccount) {
        return setting
                + " needs a way to the API server, and there is none: set kubeconfig, or run in a pod with a service account"
                + " (KUBERNETES_SERVICE_HOST and "
                + serviceAccount.resolve("token")
                + ").";
    }

    private static Config ofFile(Path kubeconfig) {
        if (!Files.isReadable(kubeconfig)) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION, "The kubeconfig cannot be read: file=" + kubeconfig + ".");
        }
        try {
            return Config.fromKubeconfig(kubeconfig.toFile());
        } catch (RuntimeException e) {
            // Without the cause: a parser's message may quote the file, and the file may hold a token.
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The kubeconfig is not one: file="
                            + kubeconfig
                            + ", found by "
                            + e.getClass().getSimpleName()
                            + ".");
        }
    }

    private static @Nullable Config ofPod(Map<String, String> environment, Path serviceAccount) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        Path token = serviceAccount.resolve("token");
        if (host.isEmpty() || !Files.isReadable(token)) {
            return null;
        }
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        String address = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://" + address + ":" + port + "/")
                .withCaCertFile(serviceAccount.resolve("ca.crt").toString())
                .withOauthTokenProvider(new ServiceAccountToken(token))
                .build();
    }

    /** Waiting and trying again is the watches' affair: the library's own retries would multiply requests. */
    private static Config patient(Config config) {
        config.setRequestRetryBackoffLimit(0);
        config.setConnectionTimeout(CONNECT_TIMEOUT_MS);
        config.setRequestTimeout(REQUEST_TIMEOUT_MS);
        config.setUserAgent("hindsight");
        return config;
    }
}
