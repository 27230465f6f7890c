package io.hindsight.simulation;

import io.hindsight.agent.ring.Ring;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.SnapshotPage;
import io.hindsight.api.SnapshotQuery;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.VerifyReport;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.verify.SnapshotVerifier;
import io.hindsight.json.JsonMapping;
import io.hindsight.simulation.World.Machine;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What must hold when everything has healed and nothing is under way, whatever has happened before. */
final class Invariants {
    private static final int ENHANCED_PACKET_BLOCK = 6;

    private final World world;
    private List<Snapshot> listed = List.of();
    private @Nullable Future<JsonObject> asked;
    private boolean lostPins;
    private int sealed;
    private int packets;

    Invariants(World world) {
        this.world = world;
    }

    int sealed() {
        return sealed;
    }

    int packets() {
        return packets;
    }

    /** Whether a Hub is there that answers, and none of its sessions runs. */
    boolean isQuiet() {
        Throwable uncaught = world.uncaught();
        if (uncaught != null) {
            throw new IllegalStateException("An exception that nobody caught.", uncaught);
        }
        if (!world.isHubUp() || !world.hub().isStarted()) {
            Throwable failure = world.isHubUp() ? world.hub().failure() : null;
            if (failure != null && !world.diskFailed) {
                throw new IllegalStateException("The Hub does not start.", failure);
            }
            if (failure != null) {
                world.killHub(); // and whoever watches over it starts it again
            }
            return false;
        }
        if (world.isHubStopping()) {
            return false;
        }
        listed = list();
        return listed.stream().allMatch(snapshot -> snapshot.state().ended());
    }

    String running() {
        if (!world.isHubUp() || !world.hub().isStarted()) {
            return "The Hub is not there.";
        }
        return listed.stream().filter(snapshot -> !snapshot.state().ended()).toList().toString();
    }

    private List<Snapshot> list() {
        JsonObject query = JsonMapping.toJson(new SnapshotQuery(null, null, null, null, 1_000, null));
        JsonObject page = ask(SnapshotAction.LIST, query);
        return JsonMapping.fromJson(page, SnapshotPage.class).snapshots();
    }

    private JsonObject ask(SnapshotAction action, JsonObject body) {
        asked = null;
        world.toHub(hub -> asked = hub.ask(action, body));
        boolean answered = world.scheduler.run(Duration.ofSeconds(20), () -> asked != null && asked.isComplete());
        Future<JsonObject> answer = asked;
        if (!answered || answer == null || answer.failed()) {
            throw new InvariantBroken("the Hub answers", action + ": " + (answer == null ? "nothing" : answer.cause()));
        }
        return answer.result();
    }

    /** {@code answered}: ids that the Hub gave out, and whether its power has failed since. */
    void check(Map<String, Boolean> answered) {
        listed = list();
        Set<String> known = new HashSet<>();
        listed.forEach(snapshot -> known.add(snapshot.id()));
        answered.forEach((id, powerFailed) ->
                require(
                        known.contains(id) || powerFailed || world.diskFailed,
                        "no snapshot is forgotten",
                        "snapshot " + id + " is gone"));
        checkRings();
        checkHub();
    }

    private void checkRings() {
        for (Machine machine : world.machines.values()) {
            Ring ring = machine.agent == null ? null : machine.agent.ring();
            require(ring != null, "every agent starts", machine.node + " has no ring");
            if (ring != null) {
                lostPins |= ring.usage().pinsGivenUp() > 0;
                long pinned = ring.usage().pinnedBytes();
                require(pinned == 0, "no pin is leaked", machine.node + " has pinned bytes=" + pinned);
                int read = ring.slotsBeingRead();
                require(read == 0, "no pin is leaked", machine.node + " has slots being read=" + read);
            }
        }
    }

    /** Whether no ring holds a pin, and no chunk the Hub's memory. */
    boolean isFree() {
        for (Machine machine : world.machines.values()) {
            Ring ring = machine.agent == null ? null : machine.agent.ring();
            if (ring == null || ring.usage().pinnedBytes() > 0 || ring.slotsBeingRead() > 0) {
                return false;
            }
        }
        // A session that was cancelled gives its room back when its files are gone.
        return world.hub().memory().usedBytes() == 0 && promisedBytes() == 0;
    }

    private long promisedBytes() {
        return ask(SnapshotAction.VOLUME, new JsonObject()).getLong("promisedBytes");
    }

    /** Nothing is kept for what no longer runs. */
    void checkHub() {
        long promised = promisedBytes();
        require(promised == 0, "no reservation is leaked", "promised bytes=" + promised);
        long used = world.hub().memory().usedBytes();
        require(used == 0, "no chunk's memory is leaked", "lane memory holds bytes=" + used);
        require(world.hub().memory().waitingCount() == 0, "no chunk's memory is leaked", "a claim waits for ever");
        try (Stream<Path> files = Files.list(world.volume())) {
            List<String> left =
                    files.map(path -> String.valueOf(path.getFileName()))
                            .filter(name -> name.endsWith(".building") || name.endsWith(".deleted"))
                            .toList();
            require(left.isEmpty() || world.diskFailed, "nothing half-made is left", left.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every sealed snapshot, also those that somebody saw as sealed before. */
    void checkSealed() {
        listed = list();
        Set<String> sealedIds = new HashSet<>();
        sealed = 0;
        packets = 0;
        for (Snapshot snapshot : listed) {
            if (snapshot.state().sealed()) {
                sealedIds.add(snapshot.id());
                sealed++;
                check(snapshot);
            }
        }
        for (String id : world.seenSealed) {
            require(
                    sealedIds.contains(id) || world.diskFailed,
                    "what was sealed stays",
                    "snapshot " + id + " is no longer sealed");
        }
    }

    private void check(Snapshot snapshot) {
        Path folder = world.volume().resolve(snapshot.id());
        VerifyReport report = SnapshotVerifier.verify(folder);
        require(report.intact(), "a sealed snapshot verifies", snapshot.id() + ": " + report.violations());
        SealedSnapshot opened = SealedSnapshot.open(folder);
        for (Manifest.Node node : opened.manifest().nodes()) {
            check(opened, node);
        }
    }

    private void check(SealedSnapshot snapshot, Manifest.Node node) {
        Machine machine = world.machines.get(node.node());
        if (machine == null) {
            throw new InvariantBroken("nodes are those that were", node.node());
        }
        Manifest manifest = snapshot.manifest();
        TimeWindow window = TimeWindow.between(manifest.from(), manifest.to());
        Set<Integer> held = node.data() == null ? Set.of() : held(snapshot, node, machine.tape, window);
        packets += held.size();
        require(
                manifest.state() != SnapshotState.COMPLETE || node.state() == SnapshotNode.State.COMPLETE,
                "states are honest",
                manifest.id() + " is COMPLETE and " + node.node() + " is " + node.state());
        require(
                !world.calm || lostPins || manifest.state() == SnapshotState.COMPLETE,
                "without trouble all is there",
                manifest.id() + " is " + manifest.state() + ": " + manifest.error());
        for (Tape.Packet packet : machine.tape.packets()) {
            boolean wanted = packet.committed && !machine.lostPower && window.contains(packet.timeNs);
            if (wanted && !held.contains(packet.number)) {
                require(
                        node.gaps().stream().anyMatch(gap -> covers(gap, packet.timeNs)),
                        "no gap is unreported",
                        manifest.id()
                                + " lacks packet "
                                + packet.number
                                + " of "
                                + node.node()
                                + " at "
                                + EpochNanos.format(packet.timeNs)
                                + " ("
                                + node.state()
                                + "), gaps="
                                + node.gaps());
            }
        }
    }

    private static boolean covers(Gap gap, long timeNs) {
        return EpochNanos.of(gap.from()) <= timeNs && timeNs < EpochNanos.of(gap.to());
    }

    /** Numbers of the packets in a node's file. */
    private static Set<Integer> held(SealedSnapshot snapshot, Manifest.Node node, Tape tape, TimeWindow window) {
        Set<Integer> numbers = new HashSet<>();
        ByteBuffer file = read(snapshot.filesOf(node).data());
        for (int at = 0; at < file.limit(); at += file.getInt(at + 4)) {
            if (file.getInt(at) == ENHANCED_PACKET_BLOCK) {
                int number = packet(file, at, tape, window, node.node());
                require(
                        numbers.add(number),
                        "no record is there twice",
                        snapshot.manifest().id() + " holds packet " + number + " of " + node.node() + " twice");
            }
        }
        return numbers;
    }

    private static int packet(ByteBuffer file, int at, Tape tape, TimeWindow window, String node) {
        long timeNs = ((long) file.getInt(at + 12) << 32) | Integer.toUnsignedLong(file.getInt(at + 16));
        byte[] content = new byte[file.getInt(at + 20)];
        file.get(at + 28, content);
        int number = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getInt();
        boolean known = number >= 0 && number < tape.packets().size();
        require(known, "records are those that were recorded", node + " never had packet " + number);
        Tape.Packet packet = tape.packets().get(number);
        byte[] expected = new byte[packet.length];
        Tape.content(packet, expected);
        require(
                packet.timeNs == timeNs && Arrays.equals(expected, content),
                "records are those that were recorded",
                node + "'s packet " + number + " has other bytes");
        require(window.contains(timeNs), "nothing outside of the window is kept", node + "'s packet " + number);
        return number;
    }

    private static ByteBuffer read(Path file) {
        try {
            return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void require(boolean holds, String invariant, String otherwise) {
        if (!holds) {
            throw new InvariantBroken(invariant, otherwise);
        }
    }
}
