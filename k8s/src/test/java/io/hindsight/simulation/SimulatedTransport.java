package io.hindsight.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;

/** What Vert.x gets its event loop from. There are no sockets. */
final class SimulatedTransport implements Transport {
    private final SimulatedLoop loop;

    SimulatedTransport(SimulatedLoop loop) {
        this.loop = loop;
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory threadFactory, int ioRatio) {
        return loop;
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        throw noSockets();
    }

    @Override
    public DatagramChannel datagramChannel() {
        throw noSockets();
    }

    @Override
    @SuppressWarnings("deprecation") // Vert.x's interface names it
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        throw noSockets();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        throw noSockets();
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        throw noSockets();
    }

    private static UnsupportedOperationException noSockets() {
        return new UnsupportedOperationException("There are no sockets in a simulation.");
    }
}
