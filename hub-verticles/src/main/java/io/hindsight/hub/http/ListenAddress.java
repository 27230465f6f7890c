package io.hindsight.hub.http;

import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the Hub listens.
 *
 * @param host as configured
 * @param loopback whether only this machine reaches it
 */
record ListenAddress(String host, boolean loopback) {
    private static final Logger LOG = LoggerFactory.getLogger(ListenAddress.class);

    /**
     * Resolves the configured host, so call it on a worker, and refuses one that others reach where no token is asked for, or where anybody on the way reads it.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the option
     */
    static ListenAddress of(HubConfig config) {
        boolean loopback = isLoopback(config.host());
        ListenAddress address = new ListenAddress(config.host(), loopback);
        address.requireAuthentication(config.tokenFile() != null || config.access().isAny());
        if (!loopback && !config.tls().hasCertificate()) {
            requireInsecure(config);
        }
        if (!loopback && !config.tls().hasCertificate() && config.tcpBridgePort() > 0) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The hub configuration cannot be used: tcp-bridge-port takes tls-cert and tls-key where host="
                            + config.host()
                            + " can be reached from other machines, whatever insecure says: each message carries a token.");
        }
        return address;
    }

    /** Refuses to be reached by others where nobody is asked who they are: once as configured, and once more as it came about. */
    void requireAuthentication(boolean any) {
        if (!loopback && !any) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The hub configuration cannot be used: host="
                            + host
                            + " can be reached from other machines, which takes authentication. Set token-file to a file with a"
                            + " bearer token, kubernetes-tokens or oidc-issuer, or listen on 127.0.0.1.");
        }
    }

    private static void requireInsecure(HubConfig config) {
        if (!config.insecure()) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The hub configuration cannot be used: host="
                            + config.host()
                            + " can be reached from other machines, and without TLS anybody on the way reads tokens and packets."
                            + " Set tls-cert and tls-key, or say insecure=true if the network is yours alone.");
        }
        LOG.warn(
                "INSECURE: host={} is served without TLS. Anybody on the way can read and change packets, and use the tokens.",
                config.host());
    }

    private static boolean isLoopback(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (!address.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The hub configuration cannot be used: host="
                            + host
                            + " is no address of this machine: "
                            + e.getMessage(),
                    e);
        }
    }
}
