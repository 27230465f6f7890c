package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which Hub a client speaks to. Filled by picocli. */
final class HubOptions {
    @Option(
            names = "--hub",
            paramLabel = "URL",
            defaultValue = "${env:HINDSIGHT_HUB:-http://127.0.0.1:8899}",
            description = "The Hub (default: $HINDSIGHT_HUB, or http://127.0.0.1:8899).")
    private String hub = "";

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:HINDSIGHT_TOKEN_FILE}",
            description = "File with the bearer token, or the Hub's own token file (default: $HINDSIGHT_TOKEN_FILE).")
    private @Nullable Path tokenFile;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            defaultValue = "${env:HINDSIGHT_TLS_CA}",
            description =
                    "PEM certificates that the Hub's must end at (default: $HINDSIGHT_TLS_CA, or what the system trusts).")
    private @Nullable Path tlsAuthority;

    /** A client for these options. */
    HubClient client() {
        URI address = address();
        Path authority = tlsAuthority;
        return new HubClient(
                address,
                tokenFile == null ? null : TokenFile.read(tokenFile),
                authority == null || !"https".equals(address.getScheme()) ? null : PrivateTrust.of(authority));
    }

    private URI address() {
        URI address = parsed(hub);
        boolean web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
        if (!web || address.getHost() == null) {
            throw notAnAddress();
        }
        return address;
    }

    private URI parsed(String text) {
        try {
            return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (IllegalArgumentException malformed) {
            throw notAnAddress();
        }
    }

    private CommandFailure notAnAddress() {
        return CommandFailure.of(
                ErrorCode.INVALID_CONFIGURATION,
                "--hub takes an address such as http://127.0.0.1:8899, got \"" + hub + "\".");
    }
}
