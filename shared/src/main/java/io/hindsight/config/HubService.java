package io.hindsight.config;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Hub that is found by its service: {@code kubernetes://NAMESPACE/SERVICE[:PORT]}, without TLS {@code kubernetes+http://…}. Immutable.
 *
 * @param namespace of the service
 * @param name of the service
 * @param port on which its pods listen, which need not be the service's own; 0: the only one that they have
 */
public record HubService(String namespace, String name, int port) {
    /** How it is written, for people. */
    static final String SHAPE = "kubernetes://NAMESPACE/SERVICE[:PORT]";

    private static final String TLS_SCHEME = "kubernetes";
    private static final String OPEN_SCHEME = "kubernetes+http";
    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern TEXT =
            Pattern.compile("kubernetes(?:\\+http)?://(" + LABEL + ")/(" + LABEL + ")(?::([1-9][0-9]{0,4}))?");
    private static final int HIGHEST_PORT = 65_535;

    /** Whether the address is meant to name a service, well or badly. */
    static boolean isMeantBy(URI address) {
        return TLS_SCHEME.equals(address.getScheme()) || OPEN_SCHEME.equals(address.getScheme());
    }

    /** Whether a service's address asks for TLS. */
    static boolean isTls(URI address) {
        return TLS_SCHEME.equals(address.getScheme());
    }

    /** The service; null where the address names none. */
    static @Nullable HubService of(URI address) {
        Matcher parts = TEXT.matcher(address.toString());
        if (!parts.matches()) {
            return null;
        }
        int port = parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3));
        return port > HIGHEST_PORT ? null : new HubService(parts.group(1), parts.group(2), port);
    }

    /** What the cluster's DNS calls it, and what the Hub's certificate has to name. */
    public String host() {
        return name + "." + namespace + ".svc";
    }

    /** {@code NAMESPACE/SERVICE}. */
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
