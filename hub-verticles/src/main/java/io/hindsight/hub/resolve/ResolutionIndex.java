package io.hindsight.hub.resolve;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds names in {@link ResolutionData}. Immutable, thread-safe. */
final class ResolutionIndex implements Resolution {
    private final ResolutionData data;
    private final AddressIndex addresses;
    private final SocketIndex sockets;

    ResolutionIndex(ResolutionData data) {
        this.data = data;
        this.addresses = new AddressIndex(data);
        this.sockets = new SocketIndex(data.sockets(), addresses);
    }

    /** How large it is. */
    int entries() {
        return data.workloads().size() + data.addresses().size() + data.sockets().size();
    }

    ResolutionData data() {
        return data;
    }

    @Override
    public boolean isEmpty() {
        return data.isEmpty();
    }

    @Override
    public Optional<Holder> holder(InetAddress address, long timeNs) {
        return addresses.holder(address, timeNs);
    }

    @Override
    public Optional<SocketOwner> owner(
            String node, int protocol, InetSocketAddress local, InetSocketAddress remote, long fromNs, long toNs) {
        return sockets.owner(SocketIndex.key(node, protocol, local, remote), fromNs, toNs);
    }

    @Override
    public List<AddressInterval> addresses() {
        return addresses.intervals();
    }

    @Override
    public List<Holder> workloads() {
        return data.workloads();
    }

    @Override
    public Map<String, Long> omitted() {
        return data.omitted();
    }
}
