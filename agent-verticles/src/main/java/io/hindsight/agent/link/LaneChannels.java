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
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
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
    private final SocketAddress hub;
    private final String hostHeader;
    private final @Nullable String authorization;
    private final StreamEnds ends;

    /**
     * @param client with TLS or without, as the Hub's address asks for; closed by whoever made it
     * @param hub where to connect to
     * @param hostHeader value of {@code Host}
     * @param authorization value of {@code Authorization}; null: none, as where a client certificate says who the agent is
     * @param ends takes the streams' ends
     */
    public LaneChannels(
            Vertx vertx,
            NetClient client,
            SocketAddress hub,
            String hostHeader,
            @Nullable String authorization,
            StreamEnds ends) {
        this.vertx = vertx;
        this.client = client;
        this.hub = hub;
        this.hostHeader = hostHeader;
        this.authorization = authorization;
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
        return client.connect(hub)
                .recover(this::unreachable)
                .compose(socket -> new LaneHandshake(vertx, socket).ask(head(token)).map(socket))
                .map(socket -> channel(request.address(), socket));
    }

    private ChunkChannel channel(String address, NetSocket socket) {
        OwnTraffic.opened(vertx, socket.remoteAddress());
        LaneChunkChannel channel = new LaneChunkChannel(vertx, (NetSocketInternal) socket, address, ends);
        channel.start();
        return channel;
    }

    private Future<NetSocket> unreachable(Throwable cause) {
        return Future.failedFuture(
                new HindsightException(
                        ErrorCode.AGENT_UNREACHABLE,
                        "The agent cannot open a lane to hub=" + hub + ": " + cause.getMessage(),
                        cause));
    }

    private String head(String token) {
        return LaneHandshake.request(hostHeader, authorization, token);
    }
}
