package io.hindsight.simulation;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.EventBusChunkChannel;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.AgentAction;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.StreamRequest;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.DataSize;
import io.hindsight.config.HubConfig;
import io.hindsight.config.TlsFiles;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.HubVerticle;
import io.hindsight.hub.snapshot.SessionTimeouts;
import io.hindsight.simulation.disk.DiskHook;
import io.hindsight.simulation.disk.SimulatedDisk;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A Hub and its nodes, each a process on a machine of its own with a disk, and the network between them. One node may live in the Hub's process. */
final class World {
    /** Short, so that a schedule is; each relation between them is that of the defaults. */
    static final SessionTimeouts TIMEOUTS =
            new SessionTimeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(6),
                    Duration.ofSeconds(3));

    static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final long HUB_DISK_BYTES = 4L << 20;
    private static final String VOLUME = "/data/snapshots";

    final Scheduler scheduler;
    final SplittableRandom random;
    final Network network;
    final SimulatedDisk hubDisk;
    final Map<String, Machine> machines = new TreeMap<>();

    /** Snapshots that somebody saw as sealed. */
    final Set<String> seenSealed = new TreeSet<>();

    /** The Hub's disk has refused something: what could not be removed, read or remembered then is for the next Hub. */
    boolean diskFailed;

    /** Nothing goes wrong in this life. */
    boolean calm;

    final Acknowledgements acknowledged = new Acknowledgements();
    private final boolean derives;

    /** A lane's token admits once. */
    private final Set<String> usedTokens = new HashSet<>();

    private @Nullable SimulatedHub hub;

    /** The last one that was told to stop. */
    private @Nullable SimulatedHub stopping;

    private @Nullable FileSystem hubFiles;
    private int lives;

    /** How a node's chunks reach the Hub. */
    enum Way {
        /** The node is in the Hub's process. */
        REFERENCE,
        LANE,
        CLUSTERED
    }

    /** A node: what outlives its agent. */
    final class Machine {
        final NodeId node;
        final Way way;
        final SimulatedDisk disk;
        final Tape tape;
        final List<SimulatedLane> lanes = new ArrayList<>();
        private final SimulatedAgent.Layout layout;
        @Nullable SimulatedAgent agent;

        /** That its process is a member of. */
        private @Nullable SimulatedBus bus;

        private @Nullable FileSystem files;

        /** Its ring has lost power: what was recorded before may be gone without a word. */
        boolean lostPower;

        Machine(String name, Way way, SimulatedAgent.Layout layout) {
            this.node = new NodeId(name);
            this.way = way;
            this.layout = layout;
            this.disk = new SimulatedDisk(2 * layout.storageBytes() + (1 << 16), scheduler.clock());
            this.tape = new Tape(name);
        }

        boolean isEmbedded() {
            return way == Way.REFERENCE;
        }

        boolean isUp() {
            return agent != null && agent.process().isAlive();
        }

        void start() {
            SimulatedHub present = hub;
            if (isUp() || (isEmbedded() && (present == null || !present.process().isAlive()))) {
                return;
            }
            SimulatedProcess process =
                    isEmbedded() && present != null
                            ? present.process()
                            : new SimulatedProcess(scheduler, node.name() + "." + ++lives);
            FileSystem mounted = disk.mount();
            files = mounted;
            Path file = mounted.getPath("/ring/packets.ring");
            SimulatedAgent started =
                    new SimulatedAgent(
                            scheduler,
                            process,
                            node,
                            new SimulatedAgent.Layout(
                                    file,
                                    layout.storageBytes(),
                                    layout.slotSize(),
                                    layout.writers(),
                                    layout.pinnedShare(),
                                    layout.maxRate()),
                            process.toString(),
                            request -> channel(process, request),
                            status -> heartbeat(process, status));
            agent = started;
            bus = way == Way.CLUSTERED ? new SimulatedBus(network, node.name(), process, World.this::toHub) : null;
            scheduler.event(process + " starts an agent for " + node);
            process.run(() -> started.start(tape, random.split()));
            if (isEmbedded()) {
                process.run(() ->
                        process.vertx()
                                .eventBus()
                                .<JsonObject>consumer(
                                        Addresses.agent(node),
                                        message -> reply(message, answer(this, started, message))));
            }
        }

        private Future<ChunkChannel> channel(SimulatedProcess process, StreamRequest request) {
            SimulatedHub to = hub;
            if (isEmbedded() || to == null) {
                return Future.succeededFuture(new EventBusChunkChannel(process.vertx().eventBus(), request.address()));
            }
            if (bus != null) {
                return Future.succeededFuture(bus.open(request));
            }
            if (request.lane() == null || !usedTokens.add(request.lane())) {
                return Future.failedFuture(
                        new HindsightException(
                                ErrorCode.AGENT_UNREACHABLE, "The lane's token is not one that opens it."));
            }
            SimulatedLane lane =
                    new SimulatedLane(scheduler, network, process, to, node.name(), request.address(), ++lives);
            lanes.add(lane);
            if (network.isParted(node.name())) {
                lane.breakOff();
            }
            return Future.succeededFuture(lane);
        }

        private void heartbeat(SimulatedProcess process, JsonObject status) {
            if (isEmbedded()) {
                process.vertx().eventBus().send(Addresses.HEARTBEATS, status);
            } else {
                network.message(
                        node.name(),
                        "up",
                        () -> toHub(of -> of.process().vertx().eventBus().send(Addresses.HEARTBEATS, status.copy())));
            }
        }

        void breakLanes() {
            lanes.forEach(SimulatedLane::breakOff);
            lanes.clear();
        }

        /** {@code kill -9}. */
        void kill() {
            if (!isUp()) {
                return;
            }
            scheduler.event(node + " is killed");
            if (agent != null && !isEmbedded()) {
                agent.process().kill();
            }
            agent = null;
            breakLanes();
            end(files);
            files = null;
        }

        void cutPower() {
            kill();
            scheduler.event(node + " loses power");
            lostPower = true;
            disk.cutPower(random.split());
        }
    }

    World(long seed) {
        this.random = new SplittableRandom(seed);
        this.scheduler = new Scheduler(random.nextLong());
        this.network = new Network(scheduler, random.split());
        this.hubDisk = new SimulatedDisk(HUB_DISK_BYTES, scheduler.clock());
        this.derives = random.nextInt(20) == 0;
    }

    private static void end(@Nullable FileSystem files) {
        if (files != null) {
            try {
                files.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    void add(String name, Way way, SimulatedAgent.Layout layout) {
        machines.put(name, new Machine(name, way, layout));
    }

    boolean isHubUp() {
        return hub != null && hub.process().isAlive();
    }

    boolean isHubStopping() {
        return isHubUp() && hub == stopping;
    }

    SimulatedHub hub() {
        if (hub == null) {
            throw new IllegalStateException("There was no Hub yet.");
        }
        return hub;
    }

    /** Where its snapshots lie, as its process sees it. */
    Path volume() {
        if (hubFiles == null) {
            throw new IllegalStateException("There is no Hub.");
        }
        return hubFiles.getPath(VOLUME);
    }

    void startHub() {
        if (isHubUp()) {
            return;
        }
        SimulatedProcess process = new SimulatedProcess(scheduler, "hub." + ++lives);
        hubFiles = hubDisk.mount();
        SimulatedHub started =
                new SimulatedHub(
                        scheduler,
                        process,
                        config(volume()),
                        TIMEOUTS,
                        derives ? HubVerticle.DERIVERS : List.of(),
                        random.split());
        hub = started;
        scheduler.event(process + " starts");
        acknowledged.clear();
        process.run(() -> {
            try {
                Files.createDirectories(volume());
            } catch (IOException e) {
                scheduler.event("the volume cannot be made: " + e);
            }
            process.vertx().eventBus().<JsonObject>consumer(Addresses.EVENTS, message -> seen(message.body()));
            machines.values().stream()
                    .filter(machine -> !machine.isEmbedded())
                    .forEach(machine -> relay(process, machine));
            started.start();
        });
    }

    private static HubConfig config(Path volume) {
        return new HubConfig(
                volume,
                "127.0.0.1",
                0,
                null,
                8,
                new DataSize(1L << 20),
                Duration.ofMillis(200),
                new DataSize(1L << 20),
                new DataSize(0),
                new DataSize(0),
                Duration.ofDays(7),
                TlsFiles.NONE,
                false,
                new DataSize(64L << 20),
                PATIENCE);
    }

    private void seen(JsonObject event) {
        JsonObject snapshot = event.getJsonObject("snapshot");
        if (snapshot != null) {
            String state = snapshot.getString("state");
            String id = snapshot.getString("id");
            if ((state.equals("COMPLETE") || state.equals("PARTIAL")) && seenSealed.add(id)) {
                scheduler.event("snapshot " + id + " is " + state);
            }
        }
    }

    /** Orders to a node on another machine go over the network, and so do the answers. */
    private void relay(SimulatedProcess process, Machine machine) {
        process.vertx()
                .eventBus()
                .<JsonObject>consumer(
                        Addresses.agent(machine.node),
                        message -> {
                            if (!machine.isUp() && random.nextBoolean()) {
                                BusFailures.fail(
                                        message,
                                        new HindsightException(
                                                ErrorCode.AGENT_UNREACHABLE, "There is no link to the node."));
                                return;
                            }
                            JsonObject body = message.body().copy();
                            String action = message.headers().get(Addresses.ACTION_HEADER);
                            noted(machine, action, body);
                            network.message(
                                    machine.node.name(),
                                    "down",
                                    () -> order(process, machine, message, action, body.copy()));
                        });
    }

    private void order(
            SimulatedProcess process, Machine machine, Message<JsonObject> message, String action, JsonObject body) {
        SimulatedAgent agent = machine.agent;
        if (agent == null) {
            return;
        }
        agent.process()
                .run(() ->
                        agent.answer(AgentAction.valueOf(action), body)
                                .onComplete(answer ->
                                        network.message(
                                                machine.node.name(),
                                                "up",
                                                () ->
                                                        process.run(() ->
                                                                reply(
                                                                        message,
                                                                        answer.succeeded()
                                                                                ? Future.succeededFuture(
                                                                                        answer.result().copy())
                                                                                : Future.failedFuture(
                                                                                        answer.cause()))))));
    }

    private void noted(Machine machine, String action, JsonObject body) {
        if (action.equals(AgentAction.CREDIT.name())) {
            acknowledged.credit(machine.node.name(), body);
        }
    }

    private Future<JsonObject> answer(Machine machine, SimulatedAgent agent, Message<JsonObject> message) {
        String action = message.headers().get(Addresses.ACTION_HEADER);
        noted(machine, action, message.body());
        return agent.answer(AgentAction.valueOf(action), message.body().copy());
    }

    private static void reply(Message<JsonObject> message, Future<JsonObject> answer) {
        answer.onSuccess(body -> message.reply(body, new DeliveryOptions().setLocalOnly(true)))
                .onFailure(failure -> BusFailures.fail(message, failure));
    }

    /** Runs it on the Hub's event loop, where there is one. */
    void toHub(Consumer<SimulatedHub> task) {
        SimulatedHub present = hub;
        if (present != null) {
            present.process().run(() -> task.accept(present));
        }
    }

    /** {@code kill -9} of the Hub, and of the node in its process. */
    void killHub() {
        if (!isHubUp()) {
            return;
        }
        scheduler.event("the Hub is killed");
        endHub();
    }

    private void endHub() {
        machines.values().stream().filter(machine -> machine.isEmbedded()).forEach(Machine::kill);
        hub().process().kill();
        machines.values().forEach(Machine::breakLanes);
        end(hubFiles);
        hubFiles = null;
    }

    /** The Hub is told to stop, and ends. */
    void stopHub() {
        if (!isHubUp()) {
            return;
        }
        SimulatedHub told = hub();
        stopping = told;
        scheduler.event("the Hub is told to stop");
        told.process()
                .run(() ->
                        told.stop()
                                .onComplete(stopped ->
                                        scheduler.after(
                                                Duration.ofMillis(1),
                                                () -> {
                                                    if (hub == told && isHubUp()) {
                                                        scheduler.event("the Hub has stopped");
                                                        endHub();
                                                    }
                                                })));
    }

    void cutHubPower() {
        DiskHook refusing = hubDisk.bend(DiskHook.NONE); // who looks at it from outside is refused nothing
        Map<String, Long> files = isHubUp() ? acknowledged.files(volume()) : Map.of();
        killHub();
        scheduler.event("the Hub loses power");
        machines.values().stream().filter(machine -> machine.isEmbedded()).forEach(Machine::cutPower);
        hubDisk.cutPower(random.split());
        FileSystem left = hubDisk.mount();
        Acknowledgements.check(left.getPath(VOLUME), files);
        end(left);
        hubDisk.bend(refusing);
    }

    /** Ends all processes. */
    void end() {
        killHub();
        machines.values().forEach(Machine::kill);
    }

    /** What no handler caught, of the processes that live. */
    @Nullable Throwable uncaught() {
        if (hub != null && hub.process().uncaught() != null) {
            return hub.process().uncaught();
        }
        for (Machine machine : machines.values()) {
            SimulatedAgent agent = machine.agent;
            if (agent != null && agent.process().uncaught() != null) {
                return agent.process().uncaught();
            }
        }
        return null;
    }
}
