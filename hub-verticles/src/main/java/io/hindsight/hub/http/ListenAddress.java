package io.hindsight.hub.http;

import io.hindsight.config.HubConfig;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where the Hub listens.
 *
 * @param host as configured
 * @param loopback whether only this machine reaches it
 */
record ListenAddress(String host, boolean loopback) {
    /**
     * Resolves the configured host, so call it on a worker, and refuses one that others reach where no token is asked for.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the option
     */
    static ListenAddress of(HubConfig config) {
        boolean loopback = isLoopback(config.host());
        if (!loopback && config.tokenFile() == null) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The hub configuration cannot be used: host="
                            + config.host()
                            + " can be reached from other machines, which takes authentication. Set token-file to a file with a"
                            + " bearer token, or listen on 127.0.0.1.");
        }
        return new ListenAddress(config.host(), loopback);
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
