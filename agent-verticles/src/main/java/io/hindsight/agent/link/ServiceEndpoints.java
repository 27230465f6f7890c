package io.hindsight.agent.link;

import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.endpoint.EndpointBuilder;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a service's ready pods listen on, as Vert.x's resolver lists it. Immutable: each addition is another one, so that what the resolver hands out does
 * not grow with what it once was. Past {@link #MAX_ENDPOINTS} further ones are left out: any of those kept will do.
 */
record ServiceEndpoints(List<SocketAddress> addresses) implements EndpointBuilder<ServiceEndpoints, SocketAddress> {
    static final int MAX_ENDPOINTS = 64;
    static final ServiceEndpoints NONE = new ServiceEndpoints(List.of());

    @Override
    public ServiceEndpoints addServer(SocketAddress server, String key) {
        return addresses.size() >= MAX_ENDPOINTS
                ? this
                : new ServiceEndpoints(Stream.concat(addresses.stream(), Stream.of(server)).toList());
    }

    @Override
    public ServiceEndpoints build() {
        return this;
    }
}
