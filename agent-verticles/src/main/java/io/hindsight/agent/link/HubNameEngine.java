package io.hindsight.agent.link;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.DefaultSslContextFactory;
import io.vertx.core.spi.tls.SslContextFactory;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/**
 * TLS to a Hub that is dialled by the address of its pod and has to prove the name of its service: the JDK's engine is told that it talks to that
 * name, so that it asks for it (SNI) and verifies it as ever. Vert.x's WebSocket client has no other way, it verifies what it dials. Immutable.
 */
final class HubNameEngine extends JdkSSLEngineOptions {
    private final String name;

    HubNameEngine(String name) {
        this.name = name;
    }

    @Override
    public HubNameEngine copy() {
        return new HubNameEngine(name);
    }

    @Override
    public SslContextFactory sslContextFactory() {
        return new DefaultSslContextFactory(SslProvider.JDK, false) {
            @Override
            public SslContext create() throws SSLException {
                return new NamedContext(super.create(), name);
            }
        };
    }

    private static final class NamedContext extends DelegatingSslContext {
        private final String name;

        NamedContext(SslContext context, String name) {
            super(context);
            this.name = name;
        }

        @Override
        protected SslHandler newHandler(
                ByteBufAllocator allocator, String address, int port, boolean startTls, Executor executor) {
            return super.newHandler(allocator, name, port, startTls, executor);
        }

        /** Vert.x does that, around this context. */
        @Override
        protected void initEngine(SSLEngine engine) {}
    }
}
