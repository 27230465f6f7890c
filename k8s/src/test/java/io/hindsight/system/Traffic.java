package io.hindsight.system;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Two namespaces joined by a veth pair, and traffic of every kind between them: {@code hsa} here is recorded, {@code hsb} there sends.
 */
final class Traffic implements AutoCloseable {
    private final NetworkNamespace here = new NetworkNamespace();
    private final NetworkNamespace there = new NetworkNamespace();
    private final Path script;
    private final Path burst;

    /** Connects the two. */
    Traffic(Path folder) throws IOException {
        script = folder.resolve("traffic.py");
        burst = folder.resolve("burst.trafgen");
        try (InputStream resource = Traffic.class.getResourceAsStream("traffic.py")) {
            Files.copy(Objects.requireNonNull(resource, "traffic.py"), script);
        }
        Files.writeString(
                burst,
                "{ 0x02,0,0,0,0,0x0a, 0x02,0,0,0,0,0x0b, 0x88,0xb5, seqinc(0, 40), dinc(0, 255), fill(0x41, 9) }");
        connect();
    }

    /** Makes the interfaces, as they are at the beginning. */
    void connect() {
        here.connect("hsa", there, "hsb");
        here.address("hsa", "10.77.0.1/24");
        there.address("hsb", "10.77.0.2/24");
    }

    /** Deletes the interfaces. */
    void disconnect() {
        here.run("ip", "link", "delete", "hsa");
    }

    /** Where the program runs. */
    NetworkNamespace here() {
        return here;
    }

    /** The other side. */
    NetworkNamespace there() {
        return there;
    }

    /** UDP of all sizes over IPv4 and IPv6, frames with one and two VLAN tags, and raw frames from the shortest on. */
    void mixed() {
        // Not before: a host with an IPv6 address speaks unasked.
        here.address("hsa", "fd00:77::1/64");
        there.address("hsb", "fd00:77::2/64");
        python("hsb", "udp", "10.77.0.1");
        python("hsb", "udp-few", "fd00:77::1");
        python("hsb", "vlan", "");
        raw("hsb");
        here.run("ping", "-q", "-c", "3", "-i", "0.01", "-s", "20000", "10.77.0.2");
        here.run("ping", "-q", "-c", "3", "-i", "0.01", "-s", "3000", "fd00:77::2");
    }

    /** Raw frames, from a header alone to a full one. */
    void raw(String link) {
        python(link, "raw", "");
    }

    /** Frames of 64 bytes, as fast as the machine makes them. */
    void burst(int count) {
        there.run(
                "trafgen",
                "--dev",
                "hsb",
                "--conf",
                burst.toString(),
                "--num",
                "" + count,
                "--cpus",
                "1",
                "--qdisc-path");
    }

    /** TCP bulk that leaves here, and some that arrives; the interfaces' offloads join segments to packets of up to 64 KiB. */
    void bulk(String bytes) throws IOException, InterruptedException {
        iperf(here, there, "10.77.0.2", bytes);
        iperf(there, here, "10.77.0.1", "1M");
    }

    private static void iperf(NetworkNamespace from, NetworkNamespace to, String address, String bytes)
            throws IOException, InterruptedException {
        try (Iperf iperf = new Iperf(from, to, address, List.of("-n", bytes))) {
            iperf.await();
        }
    }

    /** TCP that leaves here in the background, at so many bits a second, for so many seconds. */
    Iperf load(String bitsPerSecond, int seconds) throws IOException {
        return new Iperf(here, there, "10.77.0.2", List.of("-b", bitsPerSecond, "-t", "" + seconds));
    }

    /** Packets that {@code hsa} has carried in both directions, by its own count. */
    long carried() {
        JsonArray links = new JsonArray(here.run("ip", "-j", "-s", "link", "show", "hsa").stdout());
        JsonObject statistics = links.getJsonObject(0).getJsonObject("stats64");
        return statistics.getJsonObject("rx").getLong("packets") + statistics.getJsonObject("tx").getLong("packets");
    }

    /** One frame that holds this text near its start, so that a snap length leaves it. */
    void marker(String link, String text) {
        python(link, "marker", text);
    }

    private void python(String link, String kind, String argument) {
        there.run("python3", script.toString(), link, kind, argument);
    }

    @Override
    public void close() {
        try (here;
                there) {
            // both, even where the first cannot be removed
        }
    }
}
