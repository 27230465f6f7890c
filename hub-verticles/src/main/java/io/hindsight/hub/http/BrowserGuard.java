package io.hindsight.hub.http;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps web pages out: on loopback the API takes no token, and any page in a browser on this machine can send requests there.
 *
 * <ul>
 *   <li>A page of another origin says so in {@code Origin}: with every WebSocket, every POST and every DELETE. Such a request is refused.
 *   <li>A page whose own host name was re-bound to 127.0.0.1 looks like the same origin to the browser, but its {@code Host} is not this
 *       machine: on loopback, only names of loopback are taken.
 *   <li>Nothing allows other origins (CORS), so that no page can read an answer, and a body is taken as {@code application/json} alone,
 *       which no page can send to another origin without being allowed to.
 * </ul>
 */
final class BrowserGuard implements Handler<RoutingContext> {
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost\\.?|.+\\.localhost|127(\\.\\d{1,3}){3}|\\[?::1]?");

    private final ListenAddress address;

    BrowserGuard(ListenAddress address) {
        this.address = address;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        String host = hostHeader(request);
        HostAndPort authority = host == null ? null : HostAndPort.parseAuthority(host, -1);
        if (!isOwnHost(authority)) {
            context.fail(
                    refusal("Host", "The Host header does not name this machine: Host=" + hostHeader(request) + "."));
        } else if (!isOwnOrigin(request, authority)) {
            context.fail(
                    refusal(
                            "Origin",
                            "Requests of web pages from elsewhere are not taken: Origin=" + originOf(request) + "."));
        } else {
            context.next();
        }
    }

    private boolean isOwnHost(@Nullable HostAndPort authority) {
        if (!address.loopback()) {
            return true;
        }
        if (authority == null) {
            return false;
        }
        String host = authority.host().toLowerCase(Locale.ROOT);
        return LOOPBACK.matcher(host).matches() || host.equalsIgnoreCase(address.host());
    }

    private static boolean isOwnOrigin(HttpServerRequest request, @Nullable HostAndPort authority) {
        String origin = originOf(request);
        if (origin == null) {
            return !"cross-site".equals(request.getHeader("Sec-Fetch-Site"));
        }
        String own = hostHeader(request);
        return authority != null
                && own != null
                && (origin.equalsIgnoreCase("http://" + own) || origin.equalsIgnoreCase("https://" + own));
    }

    private static @Nullable String originOf(HttpServerRequest request) {
        return request.getHeader("Origin");
    }

    private static @Nullable String hostHeader(HttpServerRequest request) {
        return request.getHeader("Host");
    }

    private static HindsightException refusal(String header, String detail) {
        return HindsightException.ofField(ErrorCode.FORBIDDEN, header, detail);
    }
}
