package io.hindsight.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How an agent in a process of its own reaches its Hub. Immutable; validated by {@link ConfigProblems} when it is made.
 *
 * @param hub {@code http://host:port} or {@code https://host:port}, nothing behind it
 * @param tokenFile file with the join token; null where a client certificate stands for the agent, or the Hub takes no tokens
 * @param tls of this client
 * @param insecure whether plain HTTP may leave this machine
 */
public record LinkConfig(URI hub, @Nullable Path tokenFile, TlsFiles tls, boolean insecure) {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    public LinkConfig {
        boolean web = "http".equals(hub.getScheme()) || "https".equals(hub.getScheme());
        String path = hub.getRawPath() == null ? "" : hub.getRawPath();
        ConfigProblems problems = new ConfigProblems("agent");
        problems.check(
                        web
                                && hub.getHost() != null
                                && (path.isEmpty() || path.equals("/"))
                                && hub.getRawQuery() == null
                                && hub.getRawUserInfo() == null,
                        "hub",
                        "is an address such as https://hub.example:8899, got " + hub)
                .check(
                        insecure
                                || !"http".equals(hub.getScheme())
                                || hub.getHost() == null
                                || LOOPBACK.matcher(hub.getHost()).matches(),
                        "hub",
                        "is reached over plain HTTP, where anybody on the way can read and change what is sent: use https, or"
                                + " say insecure=true");
        tls.check(problems);
        problems.throwIfAny();
    }

    /** Whether the connection is encrypted. */
    public boolean isTls() {
        return "https".equals(hub.getScheme());
    }

    /** The Hub's port, that of the scheme where none is named. */
    public int port() {
        return hub.getPort() >= 0 ? hub.getPort() : isTls() ? 443 : 80;
    }
}
