package io.hindsight.simulation;

import io.hindsight.api.Batch;
import io.hindsight.api.BatchRequest;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.bus.SnapshotAction;
import io.hindsight.json.JsonMapping;
import io.hindsight.simulation.World.Machine;
import io.hindsight.simulation.disk.DiskFailure;
import io.hindsight.simulation.disk.DiskHook;
import io.hindsight.simulation.disk.DiskOperation;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One life of a Hub and its nodes, all of it decided by a seed: packets come, snapshots are asked for and cancelled, machines and networks fail. Then everything heals, time
 * runs on until nothing is under way, and {@link Invariants} are checked.
 */
final class Schedule {
    private static final Duration TROUBLE = Duration.ofSeconds(8);
    private static final Duration PATIENCE_TO_END = Duration.ofSeconds(150);
    private static final Duration LEASES = Duration.ofSeconds(20);
    private static final int SLOT_SIZE = 4096;

    private final World world;
    private final Scheduler scheduler;
    private final SplittableRandom random;

    /** Ids that were answered, with whether the Hub's power failed since. */
    private final Map<String, Boolean> answered = new TreeMap<>();

    private boolean healed;

    /**
     * How it went.
     *
     * @param trace of everything that happened in its order
     * @param seed of it
     * @param sealed snapshots
     * @param packets that the sealed snapshots hold
     * @param events the last that happened
     * @param broken what did not hold; null where all did
     */
    record Outcome(long seed, long trace, int sealed, int packets, List<String> events, @Nullable Throwable broken) {
        /** Everything that somebody needs who looks into it. */
        String report() {
            return "seed=%d: %s%n%s%nRepeat it with -Dsimulation.seed=%d"
                    .formatted(seed, broken, String.join(System.lineSeparator(), events), seed);
        }
    }

    private Schedule(long seed) {
        this.world = new World(seed);
        this.scheduler = world.scheduler;
        this.random = world.random;
    }

    /** Runs the schedule of a seed. */
    static Outcome run(long seed) {
        Schedule schedule = new Schedule(seed);
        Invariants invariants = new Invariants(schedule.world);
        Throwable broken = null;
        try {
            schedule.live(invariants);
        } catch (InvariantBroken | AssertionError e) {
            broken = e;
        } catch (RuntimeException e) {
            broken = new InvariantBroken("no failure of the code", e.toString()).initCause(e);
        } finally {
            schedule.world.end();
        }
        return new Outcome(
                seed,
                schedule.scheduler.trace(),
                invariants.sealed(),
                invariants.packets(),
                schedule.scheduler.events(),
                broken);
    }

    /** For another class loader's tests: which invariant the schedule of a seed breaks, null where all hold. */
    static @Nullable String brokenBy(long seed) {
        Throwable broken = run(seed).broken();
        return broken instanceof InvariantBroken known ? known.invariant() : broken == null ? null : broken.toString();
    }

    private void live(Invariants invariants) {
        populate();
        world.startHub();
        world.machines.values().forEach(Machine::start);
        planPackets();
        planTrouble();
        planRequests();
        scheduler.run(TROUBLE, () -> false);
        heal();
        awaitEnd(invariants);
        scheduler.run(LEASES, invariants::isFree);
        invariants.check(answered);
        world.diskFailed = false;
        world.cutHubPower();
        world.startHub();
        world.machines.values().forEach(Machine::start);
        awaitEnd(invariants);
        invariants.checkHub();
        invariants.checkSealed();
    }

    private void populate() {
        int nodes = random.nextInt(1, 4);
        boolean embedded = random.nextInt(5) < 2;
        for (int i = 0; i < nodes; i++) {
            int slots = random.nextInt(6, 22);
            world.add(
                    "node-" + (char) ('a' + i),
                    embedded && i == 0
                            ? World.Way.REFERENCE
                            : random.nextInt(4) == 0 ? World.Way.CLUSTERED : World.Way.LANE,
                    new SimulatedAgent.Layout(
                            world.hubDisk.mount().getPath("/"),
                            (slots + 3L) * SLOT_SIZE,
                            SLOT_SIZE,
                            random.nextInt(1, 3),
                            random.nextInt(1, 4) / 4.0,
                            random.nextInt(8) == 0 ? random.nextInt(20_000, 200_000) : 0));
        }
    }

    private void planPackets() {
        for (Machine machine : world.machines.values()) {
            SplittableRandom chance = random.split();
            int pauseMs = chance.nextInt(20, 250);
            int most = chance.nextInt(2, 12);
            burst(machine, chance, pauseMs, most);
        }
    }

    private void burst(Machine machine, SplittableRandom chance, int pauseMs, int most) {
        if (machine.agent != null) {
            machine.agent.burst(chance.nextInt(0, most));
        }
        if (!healed) {
            scheduler.after(
                    Duration.ofNanos(chance.nextLong(1, 2_000_000L * pauseMs)),
                    () -> burst(machine, chance, pauseMs, most));
        }
    }

    private void planTrouble() {
        if (random.nextInt(6) == 0) {
            world.calm = true;
            return;
        }
        if (random.nextBoolean()) {
            world.network.weather(
                    new Network.Weather(
                            random.nextInt(3) == 0 ? random.nextDouble(0.15) : 0,
                            random.nextInt(3) == 0 ? random.nextDouble(0.15) : 0,
                            random.nextInt(3) == 0 ? random.nextDouble(0.3) : 0,
                            random.nextInt(3) == 0 ? random.nextDouble(0.2) : 0));
        }
        if (random.nextInt(3) == 0) {
            scheduler.stallChance(random.nextDouble(0.02));
        }
        int troubles = random.nextInt(6);
        for (int i = 0; i < troubles; i++) {
            scheduler.after(moment(), this::trouble);
        }
    }

    private Duration moment() {
        return Duration.ofNanos(random.nextLong(500_000_000, TROUBLE.toNanos()));
    }

    private void trouble() {
        Duration time = Duration.ofMillis(random.nextInt(50, random.nextInt(3) == 0 ? 6_000 : 1_500));
        Machine machine = List.copyOf(world.machines.values()).get(random.nextInt(world.machines.size()));
        switch (random.nextInt(10)) {
            case 0 -> {
                world.killHub();
                scheduler.after(time, this::startHub);
            }
            case 1 -> {
                world.cutHubPower();
                answered.replaceAll((id, before) -> true);
                scheduler.after(time, this::startHub);
            }
            case 2 -> {
                world.stopHub();
                scheduler.after(time, this::startHub);
            }
            case 3, 4 -> {
                if (!machine.isEmbedded()) {
                    machine.kill();
                    scheduler.after(time, machine::start);
                }
            }
            case 5 -> {
                if (!machine.isEmbedded() && random.nextInt(3) == 0) {
                    machine.cutPower();
                    scheduler.after(time, machine::start);
                }
            }
            case 6 -> {
                scheduler.event(machine.node + " is cut off for " + time.toMillis() + " ms");
                world.network.part(machine.node.name(), time);
                if (random.nextInt(4) > 0) {
                    machine.breakLanes();
                }
            }
            case 7 -> {
                scheduler.event(machine.node + "'s lanes break");
                machine.breakLanes();
            }
            case 8 -> breakDisk();
            default -> fillDisk(time);
        }
    }

    private void startHub() {
        if (!world.isHubUp()) {
            world.startHub();
            world.machines.values().stream().filter(machine -> machine.isEmbedded()).forEach(Machine::start);
        }
    }

    private void breakDisk() {
        DiskOperation[] operations = DiskOperation.values();
        DiskOperation operation = operations[random.nextInt(operations.length)];
        world.diskFailed = true;
        scheduler.event("the Hub's disk refuses to " + operation);
        world.hubDisk.bend(new DiskFailure(operation, path -> true, random.nextInt(1, 4)));
    }

    private void fillDisk(Duration time) {
        world.diskFailed = true;
        scheduler.event("the Hub's disk is full for " + time.toMillis() + " ms");
        long before = 4L << 20;
        world.hubDisk.capacityBytes(world.hubDisk.usedBytes() + random.nextInt(20_000));
        scheduler.after(time, () -> world.hubDisk.capacityBytes(before));
    }

    private void planRequests() {
        int requests = random.nextInt(1, 5);
        for (int i = 0; i < requests; i++) {
            scheduler.after(
                    Duration.ofNanos(random.nextLong(1_200_000_000, TROUBLE.toNanos())),
                    () -> {
                        if (world.isHubUp() && world.hub().isStarted()) {
                            world.toHub(this::create);
                        }
                    });
        }
    }

    private void create(SimulatedHub hub) {
        if (random.nextInt(5) == 0) {
            createBatch(hub);
            return;
        }
        SnapshotRequest request = request(1_000_000_000);
        boolean cancels = random.nextInt(10) == 0;
        scheduler.event("a snapshot is asked for");
        hub.ask(SnapshotAction.CREATE, JsonMapping.toJson(request))
                .onSuccess(snapshot -> {
                    String id = answered(snapshot.getString("id"), snapshot.getString("state"));
                    if (cancels) {
                        cancel(hub, SnapshotAction.CANCEL, id);
                    }
                })
                .onFailure(refused -> scheduler.event("a snapshot is refused: " + refused.getMessage()));
    }

    private void createBatch(SimulatedHub hub) {
        List<SnapshotRequest> requests = Stream.generate(() -> request(0)).limit(random.nextInt(1, 6)).toList();
        int cancels = random.nextInt(12);
        scheduler.event("a batch of " + requests.size() + " is asked for");
        hub.ask(SnapshotAction.BATCH, JsonMapping.toJson(new BatchRequest(null, requests)))
                .map(answer -> JsonMapping.fromJson(answer, Batch.class))
                .onSuccess(batch -> {
                    batch.items().forEach(item -> answered(item.id(), String.valueOf(item.state())));
                    if (cancels == 0) {
                        cancel(hub, SnapshotAction.CANCEL_BATCH, batch.id());
                    } else if (cancels == 1) {
                        cancel(hub, SnapshotAction.CANCEL, batch.items().getFirst().id());
                    }
                })
                .onFailure(refused -> scheduler.event("a batch is refused: " + refused.getMessage()));
    }

    private String answered(String id, String state) {
        scheduler.event("snapshot " + id + " is answered: " + state);
        answered.put(id, false);
        return id;
    }

    private void cancel(SimulatedHub hub, SnapshotAction action, String id) {
        hub.ask(action, new JsonObject().put("id", id))
                .onComplete(done -> scheduler.event(action + " of " + id + ": " + done.succeeded()));
    }

    /** {@code aheadNs}: how far into the future its window may reach. */
    private SnapshotRequest request(long aheadNs) {
        long toNs = scheduler.nowNs() + (random.nextInt(3) > 0 ? 0 : random.nextLong(-2_000_000_000, aheadNs));
        long fromNs = toNs - random.nextLong(50_000_000, 8_000_000_000L);
        List<String> nodes =
                random.nextInt(3) > 0
                        ? List.of()
                        : List.of(List.copyOf(world.machines.keySet()).get(random.nextInt(world.machines.size())));
        return new SnapshotRequest(
                null, null, EpochNanos.toInstant(fromNs), EpochNanos.toInstant(toNs), nodes, random.nextInt(8) == 0);
    }

    private void heal() {
        scheduler.event("everything heals");
        healed = true;
        scheduler.stallChance(0);
        world.network.weather(Network.Weather.FINE);
        world.hubDisk.bend(DiskHook.NONE);
        world.hubDisk.capacityBytes(4L << 20);
        startHub();
        world.machines.values().forEach(Machine::start);
    }

    /** Until a Hub is there and none of its sessions runs. */
    private void awaitEnd(Invariants invariants) {
        long endNs = scheduler.nanoTime() + PATIENCE_TO_END.toNanos();
        while (!invariants.isQuiet()) {
            if (scheduler.nanoTime() >= endNs) {
                throw new InvariantBroken("every session ends", invariants.running());
            }
            startHub();
            world.machines.values().forEach(Machine::start);
            scheduler.run(Duration.ofMillis(500), () -> false);
        }
    }
}
