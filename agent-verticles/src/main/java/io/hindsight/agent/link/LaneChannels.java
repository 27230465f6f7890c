package io.hindsight.agent.link;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ChunkChannels;
import io.hindsight.agent.filter.OwnTraffic;
import io.hindsight.bus.StreamRequest;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Opens a lane for each stream: a connection of its own to the Hub's HTTP port. Used on the agent verticle's context.
 *
 * <p>The upgrade is spoken by hand over a plain {@link NetClient}: the socket that Vert.x's HTTP client hands out after an upgrade completes no writes.
 */
public final class LaneChannels implements ChunkChannels {
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    private final Vertx vertx;
    private final NetClient client;
    private final Supplier<@Nullable SocketAddress> hub;
    private final String hostHeader;
    private final Supplier<Future<HubCredentials>> credentials;
    private final StreamEnds ends;

    /**
     * @param client with TLS or without, as the Hub's address asks for; closed by whoever made it
     * @param hub where to connect to, asked for each lane; null: not known now
     * @param hostHeader value of {@code Host}
     * @param credentials what a lane shows and trusts, asked for each
     * @param ends takes the streams' ends
     */
    public LaneChannels(
            Vertx vertx,
            NetClient client,
            Supplier<@Nullable SocketAddress> hub,
            String hostHeader,
            Supplier<Future<HubCredentials>> credentials,
            StreamEnds ends) {
        this.vertx = vertx;
        this.client = client;
        this.hub = hub;
        this.hostHeader = hostHeader;
        this.credentials = credentials;
        this.ends = ends;
    }

    @Override
    public Future<ChunkChannel> open(StreamRequest request) {
        String token = request.lane();
        if (token == null || !TOKEN.matcher(token).matches()) {
            return Future.failedFuture(
                    HindsightException.ofField(
                            ErrorCode.INVALID_REQUEST,
                            "lane",
                            "An order to an agent on another machine names the token of a lane."));
        }
        return credentials.get().compose(shown -> open(shown, token)).map(socket -> channel(request.address(), socket));
    }

    private Future<NetSocket> open(HubCredentials shown, String token) {
        SocketAddress address = hub.get();
        if (address == null) {
            return Future.failedFuture(
                    new HindsightException(
                            ErrorCode.AGENT_UNREACHABLE,
                            "The agent cannot open a lane: it has no link to the Hub now, and so no address."));
        }
        return connect(address, shown.tls())
                .recover(cause -> unreachable(address, cause))
                .compose(socket ->
                        new LaneHandshake(vertx, socket)
                                .ask(LaneHandshake.request(hostHeader, shown.authorization(), token))
                                .map(socket));
    }

    private Future<NetSocket> connect(SocketAddress address, @Nullable ClientSSLOptions tls) {
        if (tls == null) {
            return client.connect(address);
        }
        ConnectOptions options = new ConnectOptions().setRemoteAddress(address).setSsl(true).setSslOptions(tls);
        return client.connect(options.setHost(address.host()).setPort(address.port()));
    }

    private ChunkChannel channel(String address, NetSocket socket) {
        OwnTraffic.opened(vertx, socket.remoteAddress());
        LaneChunkChannel channel = new LaneChunkChannel(vertx, (NetSocketInternal) socket, address, ends);
        channel.start();
        return channel;
    }

    private static Future<NetSocket> unreachable(SocketAddress hub, Throwable cause) {
        return Future.failedFuture(
                new HindsightException(
                        ErrorCode.AGENT_UNREACHABLE,
                        "The agent cannot open a lane to hub=" + hub + ": " + cause.getMessage(),
                        cause));
    }
}
