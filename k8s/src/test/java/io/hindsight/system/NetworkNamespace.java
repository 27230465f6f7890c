package io.hindsight.system;

import io.hindsight.testing.ToolResult;
import io.hindsight.testing.Tools;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A network namespace of the test's own, with a unique name; gone when closed. Needs root. */
final class NetworkNamespace implements AutoCloseable {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final String name = "hs-it" + ProcessHandle.current().pid() + "-" + COUNTER.incrementAndGet();

    /** With its loopback interface up. */
    NetworkNamespace() {
        Tools.run("ip", "netns", "add", name).succeeded();
        run("ip", "link", "set", "lo", "up");
    }

    /** Where programs that enter namespaces find it. */
    Path path() {
        return Path.of("/run/netns", name);
    }

    /** The command as it runs in here. */
    List<String> command(List<String> command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", name), command.stream()).toList();
    }

    /** Runs a program in here, to its successful end. */
    ToolResult run(String... command) {
        return Tools.run(command(List.of(command)).toArray(String[]::new)).succeeded();
    }

    /**
     * A pair of interfaces, {@code here} in this one and {@code peer} in the other, both up. They have no address, and make none up:
     * nobody speaks who was not asked to.
     */
    void connect(String here, NetworkNamespace there, String peer) {
        run("ip", "link", "add", here, "type", "veth", "peer", "name", peer, "netns", there.name);
        up(here, "02:00:00:00:00:0a");
        there.up(peer, "02:00:00:00:00:0b");
    }

    private void up(String link, String hardwareAddress) {
        run("ip", "link", "set", link, "addrgenmode", "none", "address", hardwareAddress, "up");
    }

    /** Gives an interface an address at once, without asking the neighbours about it. */
    void address(String link, String addressWithPrefix) {
        String[] plain = {"ip", "address", "add", addressWithPrefix, "dev", link};
        run(addressWithPrefix.contains(":") ? append(plain, "nodad") : plain);
    }

    private static String[] append(String[] command, String last) {
        return Stream.concat(Stream.of(command), Stream.of(last)).toArray(String[]::new);
    }

    /** A bridge with an address, which joins whatever {@link #plug} plugs in. */
    void bridge(String name, String addressWithPrefix) {
        run("ip", "link", "add", name, "type", "bridge");
        run("ip", "link", "set", name, "addrgenmode", "none", "up");
        address(name, addressWithPrefix);
    }

    /** A cable from an interface of another namespace to this one's bridge. */
    void plug(String bridge, String port, NetworkNamespace other, String link, String addressWithPrefix) {
        run("ip", "link", "add", port, "type", "veth", "peer", "name", link, "netns", other.name);
        run("ip", "link", "set", port, "master", bridge, "addrgenmode", "none", "up");
        other.run("ip", "link", "set", link, "addrgenmode", "none", "up");
        other.address(link, addressWithPrefix);
    }

    @Override
    public void close() {
        Tools.run("ip", "netns", "delete", name).succeeded();
    }
}
