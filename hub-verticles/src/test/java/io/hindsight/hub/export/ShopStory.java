package io.hindsight.hub.export;

import static io.hindsight.hub.export.SnapshotFixture.START_NS;

import io.hindsight.chunk.ChunkFlag;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.event.CheckpointPart;
import io.hindsight.event.EventEntry;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.ContainerInfo;
import io.hindsight.event.OsEvent.ProcessInfo;
import io.hindsight.event.OsEvent.SocketInfo;
import io.hindsight.hub.packet.TcpFlags;
import io.hindsight.hub.resolve.Resolution;
import io.hindsight.hub.resolve.ResolutionBuilder;
import io.hindsight.hub.testing.PacketBytes;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.FixtureEntry;
import io.hindsight.testing.FixturePacket;
import io.hindsight.time.EpochNanos;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A shop on one node, and the recorder of its cluster. {@code checkout} asks the service {@code ledger}, whose address the node translates to the pod
 * {@code ledger-0}'s; {@code curl} asks {@code python3} in the pod {@code idle} over loopback; {@code checkout} goes, and {@code newcomer} gets its address. Times are milliseconds
 * from the window's start on; packets are numbered by the time they have here.
 */
public final class ShopStory {
    static final String CHECKOUT = "10.0.0.1";
    static final String LEDGER = "10.0.0.2";
    static final String IDLE = "10.0.0.3";
    static final String LEDGER_SERVICE = "10.96.0.10";

    private static final int LOOPBACK = 0x7F00_0001;
    private static final int CHECKOUT_IP = 0x0A00_0001;
    private static final int LEDGER_IP = 0x0A00_0002;
    private static final int IDLE_IP = 0x0A00_0003;
    private static final int SERVICE_IP = 0x0A60_000A;
    private static final int OUTSIDE = 0x5DB8_D822;
    private static final int SYN_ACK = TcpFlags.SYN | TcpFlags.ACK;

    private final List<OsEvent> osEvents = new ArrayList<>();
    private final List<KubernetesChange> changes = new ArrayList<>();

    /** With its events. */
    public ShopStory() {
        osCheckpoint(-5_000);
        ContainerInfo checkout = container("shop", "checkout-7f8b");
        ContainerInfo ledger = container("payments", "ledger-0");
        socket(OsEvent.Kind.CONNECT, 1_000, process(4711, "nginx"), CHECKOUT, 40_000, LEDGER_SERVICE, 8080, checkout);
        socket(OsEvent.Kind.ACCEPT, 1_003, process(900, "java"), LEDGER, 8080, CHECKOUT, 40_000, ledger);
        os(OsEvent.Kind.EXEC, 2_900, process(50, "curl"), null, null);
        socket(OsEvent.Kind.CONNECT, 3_001, process(50, "curl"), "127.0.0.1", 50_000, "127.0.0.1", 8_000, null);
        socket(
                OsEvent.Kind.ACCEPT,
                3_002,
                process(60, "python3"),
                "127.0.0.1",
                8_000,
                "127.0.0.1",
                50_000,
                container("shop", "idle"));
        os(OsEvent.Kind.EXIT, 3_100, process(50, "curl"), null, null);
        osCheckpoint(6_000);
        kubernetesCheckpoint();
        change(KubernetesChange.Kind.ADDED, 29_000, "Event", "shop", "checkout-7f8b.17", killing());
        change(KubernetesChange.Kind.DELETED, 30_000, "Pod", "shop", "checkout-7f8b", null);
        change(KubernetesChange.Kind.ADDED, 40_000, "Pod", "shop", "newcomer", pod(CHECKOUT, 40_000, "newcomer"));
    }

    private void osCheckpoint(long ms) {
        osEvents.add(osCheckpoint(CheckpointPart.BEGIN, ms));
        os(OsEvent.Kind.PROCESS, ms, process(60, "python3"), null, null);
        osEvents.add(osCheckpoint(CheckpointPart.END, ms));
    }

    private static OsEvent osCheckpoint(CheckpointPart part, long ms) {
        return new OsEvent(OsEvent.Kind.CHECKPOINT, at(ms), null, null, null, null, null, null, null, part, 1L);
    }

    private void kubernetesCheckpoint() {
        changes.add(kubernetesCheckpoint(CheckpointPart.BEGIN));
        known("Pod", "shop", "checkout-7f8b", pod(CHECKOUT, -100_000, "checkout"));
        known("Pod", "payments", "ledger-0", pod(LEDGER, -100_000, "ledger"));
        known("Pod", "shop", "idle", pod(IDLE, -100_000, "idle"));
        known("Service", "payments", "ledger", service());
        changes.add(kubernetesCheckpoint(CheckpointPart.END));
    }

    private static KubernetesChange kubernetesCheckpoint(CheckpointPart part) {
        return new KubernetesChange(
                KubernetesChange.Kind.CHECKPOINT,
                at(-8_000),
                null,
                null,
                "Pod",
                null,
                null,
                null,
                null,
                null,
                null,
                part,
                4L);
    }

    private static Map<String, Object> pod(String address, long startedMs, String app) {
        return Map.of(
                "metadata",
                Map.of("labels", Map.of("app", app, "tier", "any")),
                "spec",
                Map.of("nodeName", "node-1"),
                "status",
                Map.of("phase", "Running", "podIP", address, "startTime", EpochNanos.format(at(startedMs))));
    }

    private static Map<String, Object> service() {
        return Map.of(
                "metadata",
                Map.of("creationTimestamp", EpochNanos.format(at(-100_000))),
                "spec",
                Map.of("clusterIP", LEDGER_SERVICE, "selector", Map.of("app", "ledger")));
    }

    private static Map<String, Object> killing() {
        return Map.of("regarding", Map.of("kind", "Pod", "namespace", "shop", "name", "checkout-7f8b"));
    }

    private void known(String resource, String namespace, String name, Map<String, Object> object) {
        changes.add(
                change(KubernetesChange.Kind.KNOWN, -8_000, resource, namespace, name, object, CheckpointPart.ENTRY));
    }

    private void change(
            KubernetesChange.Kind kind,
            long ms,
            String resource,
            String namespace,
            String name,
            @Nullable Map<String, Object> object) {
        changes.add(change(kind, ms, resource, namespace, name, object, null));
    }

    private static KubernetesChange change(
            KubernetesChange.Kind kind,
            long ms,
            String resource,
            String namespace,
            String name,
            @Nullable Map<String, Object> object,
            @Nullable CheckpointPart part) {
        return new KubernetesChange(
                kind, at(ms), null, "v1", resource, namespace, name, "uid-" + name, "1", object, null, part, null);
    }

    private static ProcessInfo process(int pid, String command) {
        return new ProcessInfo(pid, pid, 1, command, 0, null, null, null);
    }

    private static ContainerInfo container(String namespace, String pod) {
        return new ContainerInfo("ab".repeat(32), "containerd", "uid-" + pod, namespace, pod, "app");
    }

    private void socket(
            OsEvent.Kind kind,
            long ms,
            ProcessInfo process,
            String local,
            int localPort,
            String remote,
            int remotePort,
            @Nullable ContainerInfo container) {
        SocketInfo socket = new SocketInfo("tcp", local, localPort, remote, remotePort, null, "ESTABLISHED", null);
        os(kind, ms, process, socket, container);
    }

    private void os(
            OsEvent.Kind kind,
            long ms,
            ProcessInfo process,
            @Nullable SocketInfo socket,
            @Nullable ContainerInfo container) {
        CheckpointPart part = kind == OsEvent.Kind.PROCESS ? CheckpointPart.ENTRY : null;
        osEvents.add(new OsEvent(kind, at(ms), process, null, null, null, null, socket, container, part, null));
    }

    static long at(long ms) {
        return START_NS + ms * 1_000_000;
    }

    static List<FixturePacket> packets() {
        return List.of(
                tcp(1_000, "eth0", CHECKOUT_IP, 40_000, SERVICE_IP, 8080, TcpFlags.SYN, 100, 0),
                tcp(1_001, "eth0", SERVICE_IP, 8080, CHECKOUT_IP, 40_000, SYN_ACK, 900, 0),
                tcp(1_002, "eth0", CHECKOUT_IP, 40_000, LEDGER_IP, 8080, TcpFlags.SYN, 100, 0),
                tcp(1_500, "eth0", LEDGER_IP, 8080, CHECKOUT_IP, 40_000, TcpFlags.ACK, 901, 70),
                ip(2_000, IDLE_IP, LEDGER_IP, 17, 0, PacketBytes.udp(5353, 53, 20)),
                tcp(3_000, "lo", LOOPBACK, 50_000, LOOPBACK, 8000, TcpFlags.SYN, 7, 0),
                tcp(3_003, "lo", LOOPBACK, 8000, LOOPBACK, 50_000, SYN_ACK, 8, 0),
                tcp(5_000, "eth0", CHECKOUT_IP, 40_001, OUTSIDE, 443, TcpFlags.ACK, 1, 10),
                tcp(35_000, "eth0", OUTSIDE, 443, CHECKOUT_IP, 40_001, TcpFlags.ACK, 1, 10),
                tcp(45_000, "eth0", CHECKOUT_IP, 40_001, OUTSIDE, 443, TcpFlags.ACK, 11, 10),
                FixturePacket.ethernet("eth0", at(46_000), Frames.arp(1)),
                ip(47_000, IDLE_IP, LEDGER_IP, 17, 0x2000, PacketBytes.udp(6001, 6000, 120)),
                ip(47_001, IDLE_IP, LEDGER_IP, 17, 16, new byte[80]),
                tcp(50_000, "eth0", 0xC000_0201, 1000, 0xC000_0202, 2000, TcpFlags.ACK, 1, 3));
    }

    private static FixturePacket tcp(
            long ms, String name, int source, int port, int destination, int toPort, int flags, int seq, int length) {
        byte[] segment = PacketBytes.tcp(port, toPort, flags, seq, 0, length);
        return FixturePacket.ethernet(
                name,
                at(ms),
                PacketBytes.ethernet(PacketBytes.IPV4, PacketBytes.ipv4(source, destination, 6, segment)));
    }

    private static FixturePacket ip(long ms, int source, int destination, int protocol, int fragment, byte[] payload) {
        byte[] packet = PacketBytes.ipv4(source, destination, protocol, fragment, new byte[0], payload);
        return FixturePacket.ethernet("eth0", at(ms), PacketBytes.ethernet(PacketBytes.IPV4, packet));
    }

    /** The snapshot: {@code node-1} has packets and events of its operating system, {@code cluster} those of Kubernetes. */
    SnapshotFiles write(Path folder) {
        return write(folder, List.of());
    }

    /** With more events of the operating system. */
    SnapshotFiles write(Path folder, List<FixtureEntry> more) {
        List<FixtureEntry> os = new ArrayList<>(osEvents.stream().map(ShopStory::entry).toList());
        os.addAll(more);
        return new SnapshotFixture(folder).node("cluster", clusterChunks()).node("node-1", nodeChunks(os)).files();
    }

    /** Chunks of {@code node-1}. */
    public List<byte[]> nodeChunks() {
        return nodeChunks(osEvents.stream().map(ShopStory::entry).toList());
    }

    private static List<byte[]> nodeChunks(List<FixtureEntry> os) {
        ChunkFixtures node = ChunkFixtures.node("node-1");
        return List.of(node.packets(packets()), node.with(ChunkFlag.CHECKPOINT).journal(ChunkSource.OS, os));
    }

    /** Chunks of {@code cluster}. */
    public List<byte[]> clusterChunks() {
        return List.of(
                ChunkFixtures.node("cluster")
                        .with(ChunkFlag.CHECKPOINT)
                        .journal(ChunkSource.KUBERNETES, changes.stream().map(ShopStory::entry).toList()));
    }

    private static FixtureEntry entry(OsEvent event) {
        String message = event.kind() + " " + (event.process() == null ? "" : event.process().command());
        return entry(event.timeNs(), message, event, event.checkpoint());
    }

    private static FixtureEntry entry(KubernetesChange change) {
        return entry(
                change.receivedNs(),
                change.kind() + " " + change.resource() + " " + change.name(),
                change,
                change.checkpoint());
    }

    private static FixtureEntry entry(long timeNs, String message, Record event, @Nullable CheckpointPart part) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("MESSAGE", message);
        if (part != null) {
            fields.put("HINDSIGHT_CHECKPOINT", part.name());
        }
        fields.put("HINDSIGHT_JSON", new String(EventEntry.json(event), StandardCharsets.UTF_8));
        return new FixtureEntry(timeNs, fields);
    }

    /** Who had which address, as the events tell. */
    Resolution resolution() {
        ResolutionBuilder builder = new ResolutionBuilder();
        osEvents.forEach(event -> builder.osEvent("node-1", event));
        changes.forEach(change -> builder.kubernetesChange("cluster", change));
        return builder.build();
    }
}
