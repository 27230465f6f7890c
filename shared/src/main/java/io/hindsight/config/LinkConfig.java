package io.hindsight.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How an agent in a process of its own reaches its Hub. Immutable; validated by {@link ConfigProblems} when it is made.
 *
 * @param hub {@code http://host:port} or {@code https://host:port}, nothing behind it; or a {@link HubService}
 * @param tokenFile file with the join token; null where a client certificate stands for the agent, or the Hub takes no tokens
 * @param tls of this client
 * @param insecure whether plain HTTP may leave this machine
 */
public record LinkConfig(URI hub, @Nullable Path tokenFile, TlsFiles tls, boolean insecure) {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    public LinkConfig {
        ConfigProblems problems = new ConfigProblems("agent");
        if (HubService.isMeantBy(hub)) {
            checkService(hub, insecure, problems);
        } else {
            checkAddress(hub, insecure, problems);
        }
        tls.check(problems);
        problems.throwIfAny();
    }

    private static void checkService(URI hub, boolean insecure, ConfigProblems problems) {
        problems.check(
                        HubService.of(hub) != null,
                        "hub",
                        "is "
                                + HubService.SHAPE
                                + ", with names as Kubernetes takes them and a port by its number, got "
                                + hub)
                .check(
                        insecure || HubService.isTls(hub),
                        "hub",
                        "is reached over plain HTTP, where anybody on the way can read and change what is sent: use kubernetes://,"
                                + " or say insecure=true");
    }

    private static void checkAddress(URI hub, boolean insecure, ConfigProblems problems) {
        boolean web = "http".equals(hub.getScheme()) || "https".equals(hub.getScheme());
        String path = hub.getRawPath() == null ? "" : hub.getRawPath();
        problems.check(
                        web
                                && hub.getHost() != null
                                && (path.isEmpty() || path.equals("/"))
                                && hub.getRawQuery() == null
                                && hub.getRawUserInfo() == null,
                        "hub",
                        "is an address such as https://hub.example:8899, or " + HubService.SHAPE + ", got " + hub)
                .check(
                        insecure
                                || !"http".equals(hub.getScheme())
                                || hub.getHost() == null
                                || LOOPBACK.matcher(hub.getHost()).matches(),
                        "hub",
                        "is reached over plain HTTP, where anybody on the way can read and change what is sent: use https, or"
                                + " say insecure=true");
    }

    /** The service that the Hub is found by; null where its address is given. */
    public @Nullable HubService service() {
        return HubService.of(hub);
    }

    /** Whether the connection is encrypted. */
    public boolean isTls() {
        return "https".equals(hub.getScheme()) || HubService.isTls(hub);
    }

    /** The Hub's port, that of the scheme where none is named; of a service as {@link HubService#port}. */
    public int port() {
        HubService service = service();
        if (service != null) {
            return service.port();
        }
        return hub.getPort() >= 0 ? hub.getPort() : isTls() ? 443 : 80;
    }
}
