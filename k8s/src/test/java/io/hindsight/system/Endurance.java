package io.hindsight.system;

import java.time.Duration;
import java.util.Random;

/**
 * How long the tests run that break things at random. Short unless told otherwise; {@code -Pendurance} sets the long forms. A property
 * {@code hindsight.seed} repeats a run; without it each run has a seed of its own, which is printed.
 */
final class Endurance {
    private Endurance() {}

    /** Rounds of a test: the property {@code hindsight.<name>}, or a few. */
    static int rounds(String name, int few) {
        return Integer.getInteger("hindsight." + name, few);
    }

    /** Duration of a test: the property {@code hindsight.<name>.seconds}, or a short while. */
    static Duration duration(String name, Duration brief) {
        return Duration.ofSeconds(Long.getLong("hindsight." + name + ".seconds", brief.toSeconds()));
    }

    /** Chance that can be repeated. */
    static Random random(String test) {
        long seed = Long.getLong("hindsight.seed", System.nanoTime());
        System.out.println(test + ": -Dhindsight.seed=" + seed);
        return new Random(seed);
    }
}
