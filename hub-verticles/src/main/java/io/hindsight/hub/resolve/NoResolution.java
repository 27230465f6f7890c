package io.hindsight.hub.resolve;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Of snapshots without events. */
final class NoResolution implements Resolution {
    @Override
    public boolean isEmpty() {
        return true;
    }

    @Override
    public Optional<Holder> holder(InetAddress address, long timeNs) {
        return Optional.empty();
    }

    @Override
    public Optional<SocketOwner> owner(
            String node, int protocol, InetSocketAddress local, InetSocketAddress remote, long fromNs, long toNs) {
        return Optional.empty();
    }

    @Override
    public List<AddressInterval> addresses() {
        return List.of();
    }

    @Override
    public List<Holder> workloads() {
        return List.of();
    }

    @Override
    public Map<String, Long> omitted() {
        return Map.of();
    }
}
