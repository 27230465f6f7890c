package io.hindsight.simulation;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What lies between the Hub and a node: it delays, loses, doubles and reorders messages, and parts the two for a while. */
final class Network {
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Map<String, Long> partedUntilNs = new HashMap<>();
    private final Map<String, Long> lastArrivalNs = new HashMap<>();
    private Weather weather = Weather.FINE;

    /**
     * What it does to messages.
     *
     * @param loss share of the messages that do not come
     * @param doubling share that comes twice
     * @param reordering share that may be overtaken
     * @param slow share that takes long
     */
    record Weather(double loss, double doubling, double reordering, double slow) {
        static final Weather FINE = new Weather(0, 0, 0, 0);
    }

    Network(Scheduler scheduler, RandomGenerator random) {
        this.scheduler = scheduler;
        this.random = random;
    }

    void weather(Weather now) {
        weather = now;
        if (now.equals(Weather.FINE)) {
            partedUntilNs.clear();
        }
    }

    /** Nothing passes between the Hub and the node for so long. */
    void part(String node, Duration time) {
        partedUntilNs.put(node, scheduler.nanoTime() + time.toNanos());
    }

    boolean isParted(String node) {
        return scheduler.nanoTime() < partedUntilNs.getOrDefault(node, 0L);
    }

    /** A message between the Hub and the node, which may come once, twice or not at all. */
    void message(String node, String direction, Runnable arrival) {
        if (isParted(node) || happens(weather.loss)) {
            scheduler.event(node + " " + direction + ": a message is lost");
            return;
        }
        deliver(node, direction, arrival);
        if (happens(weather.doubling)) {
            scheduler.event(node + " " + direction + ": a message is doubled");
            deliver(node, direction, arrival);
        }
    }

    /** A piece of a connection's bytes: late, but in order and never lost; who parts the two has to break the connection as well. */
    void stream(String node, String connection, Runnable arrival) {
        long atNs =
                Math.max(scheduler.nanoTime() + delay().toNanos(), lastArrivalNs.getOrDefault(node + connection, 0L));
        lastArrivalNs.put(node + connection, atNs);
        scheduler.after(Duration.ofNanos(atNs - scheduler.nanoTime()), arrival);
    }

    private void deliver(String node, String direction, Runnable arrival) {
        long atNs = scheduler.nanoTime() + delay().toNanos();
        String way = node + direction;
        if (!happens(weather.reordering)) {
            atNs = Math.max(atNs, lastArrivalNs.getOrDefault(way, 0L));
            lastArrivalNs.put(way, atNs);
        }
        scheduler.after(Duration.ofNanos(atNs - scheduler.nanoTime()), arrival);
    }

    /** Of one message, or of a piece of a byte stream. */
    Duration delay() {
        return happens(weather.slow)
                ? Duration.ofMillis(random.nextInt(20, 1_500))
                : Duration.ofNanos(random.nextInt(100_000, 3_000_000));
    }

    /** Whether a chunk comes twice: no lane does that, but another carrier may. */
    boolean doubles() {
        return happens(weather.doubling);
    }

    boolean happens(double chance) {
        return chance > 0 && random.nextDouble() < chance;
    }
}
