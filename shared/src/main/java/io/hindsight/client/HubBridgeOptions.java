package io.hindsight.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link HubBridge} finds its Hub, and what each proves to the other. Files are read anew for each connection. Immutable.
 *
 * @param hub {@code https://host:port}, or {@code http://…} on this machine
 * @param token file with a bearer token of the Hub's API, alone on its line; null: none is shown
 * @param authority PEM file of the authorities that the Hub's certificate may end at; null: those of the JVM
 * @param certificate PEM file of a certificate that is shown to the Hub; null: none
 * @param key PEM file of its key
 * @param insecure whether plain HTTP may leave this machine: everybody on the way reads the token and all packets
 */
public record HubBridgeOptions(
        URI hub,
        @Nullable Path token,
        @Nullable Path authority,
        @Nullable Path certificate,
        @Nullable Path key,
        boolean insecure) {
    private static final Set<String> HERE = Set.of("localhost", "[::1]");
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    public HubBridgeOptions {
        String scheme = hub.getScheme() == null ? "" : hub.getScheme().toLowerCase(Locale.ROOT);
        require(
                (scheme.equals("http") || scheme.equals("https")) && hub.getHost() != null,
                "The Hub is named by http://host:port or https://host:port, got " + hub + ".");
        require((certificate == null) == (key == null), "A certificate takes its key, and a key its certificate.");
        require(
                scheme.equals("https") || insecure || isHere(hub.getHost()),
                "hub="
                        + hub
                        + " is plain HTTP to another machine: everybody on the way could read the token and all packets. Use https, or say that it may be insecure.");
    }

    /** Of this Hub, with nothing to prove. */
    public static HubBridgeOptions of(URI hub) {
        return new HubBridgeOptions(hub, null, null, null, null, false);
    }

    /** Shows the token in this file. */
    public HubBridgeOptions token(Path file) {
        return new HubBridgeOptions(hub, file, authority, certificate, key, insecure);
    }

    /** Trusts the authorities in this file, and no others. */
    public HubBridgeOptions authority(Path file) {
        return new HubBridgeOptions(hub, token, file, certificate, key, insecure);
    }

    /** Shows this certificate. */
    public HubBridgeOptions certificate(Path file, Path keyFile) {
        return new HubBridgeOptions(hub, token, authority, file, keyFile, insecure);
    }

    boolean isTls() {
        return "https".equalsIgnoreCase(hub.getScheme());
    }

    int port() {
        return hub.getPort() >= 0 ? hub.getPort() : isTls() ? HTTPS_PORT : HTTP_PORT;
    }

    /** Without the brackets of an IPv6 address. */
    String host() {
        String host = hub.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static boolean isHere(String host) {
        return HERE.contains(host.toLowerCase(Locale.ROOT)) || host.startsWith("127.");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new HindsightException(ErrorCode.INVALID_CONFIGURATION, otherwise);
        }
    }
}
