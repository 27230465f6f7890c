package io.hindsight.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Tasks that wait for their turn: those of an event loop, or of a pool of so many threads. A pool of one runs them in their order; with more threads, whichever of as many
 * may come first. What was begun is ended before anything else: interleaving is by tasks.
 */
final class TaskLane {
    private final Scheduler scheduler;
    private final String name;
    private final int width;
    private final int number;
    private final List<Runnable> tasks = new ArrayList<>();
    private boolean dead;

    TaskLane(Scheduler scheduler, String name, int width, int number) {
        this.scheduler = scheduler;
        this.name = name;
        this.width = width;
        this.number = number;
    }

    int number() {
        return number;
    }

    void add(Runnable task) {
        if (dead) {
            return;
        }
        tasks.add(task);
        if (tasks.size() == 1) {
            scheduler.becameReady(this);
        }
    }

    boolean hasTasks() {
        return !tasks.isEmpty();
    }

    Runnable take(RandomGenerator random) {
        int choice = Math.min(width, tasks.size());
        return tasks.remove(choice == 1 ? 0 : random.nextInt(choice));
    }

    /** Its process is gone, and with it all that was to be done. */
    void die() {
        dead = true;
        tasks.clear();
        scheduler.forget(this);
    }

    boolean isDead() {
        return dead;
    }

    @Override
    public String toString() {
        return name;
    }
}
