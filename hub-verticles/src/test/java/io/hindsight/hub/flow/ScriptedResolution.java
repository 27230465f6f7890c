package io.hindsight.hub.flow;

import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.time.TimeWindow;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows what a test tells it: pods by address, until a time, and processes by node and local socket. */
final class ScriptedResolution implements Resolution {
    private final Map<String, List<Holder>> holders = new HashMap<>();
    private final Map<String, SocketOwner> owners = new HashMap<>();

    ScriptedResolution pod(String address, String namespace, String name, @Nullable String deployment) {
        return pod(address, namespace, name, deployment, TimeWindow.ALL);
    }

    ScriptedResolution pod(
            String address, String namespace, String name, @Nullable String deployment, TimeWindow valid) {
        Owner owner = deployment == null ? null : new Owner("Deployment", deployment);
        Holder holder = new Holder("Pod", namespace, name, null, "node-1", Map.of(), owner, List.of(address), valid);
        holders.merge(
                address,
                List.of(holder),
                (before, added) -> java.util.stream.Stream.concat(before.stream(), added.stream()).toList());
        return this;
    }

    ScriptedResolution process(String node, String socket, int pid, String command, @Nullable ContainerInfo container) {
        owners.put(node + " " + socket, new SocketOwner(node, pid, command, null, 0, container));
        return this;
    }

    @Override
    public boolean isEmpty() {
        return false;
    }

    @Override
    public Optional<Holder> holder(InetAddress address, long timeNs) {
        return holders.getOrDefault(address.getHostAddress(), List.of()).stream()
                .filter(holder -> holder.valid().contains(timeNs))
                .findFirst();
    }

    @Override
    public Optional<SocketOwner> owner(
            String node, int protocol, InetSocketAddress local, InetSocketAddress remote, long fromNs, long toNs) {
        String socket = local.getAddress().getHostAddress() + ":" + local.getPort();
        return Optional.ofNullable(owners.get(node + " " + socket));
    }

    @Override
    public List<AddressInterval> addresses() {
        return List.of();
    }

    @Override
    public List<Holder> workloads() {
        return holders.values().stream().flatMap(List::stream).toList();
    }

    @Override
    public Map<String, Long> omitted() {
        return Map.of();
    }
}
