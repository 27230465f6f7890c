package io.hindsight.simulation;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/** A pool of threads without threads: its tasks wait in a lane. */
final class SimulatedExecutor extends AbstractExecutorService {
    private final TaskLane lane;
    private boolean shut;

    SimulatedExecutor(TaskLane lane) {
        this.lane = lane;
    }

    @Override
    public void execute(Runnable task) {
        if (!shut) {
            lane.add(task);
        }
    }

    @Override
    public void shutdown() {
        shut = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shut = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shut;
    }

    @Override
    public boolean isTerminated() {
        return shut && !lane.hasTasks();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return isTerminated();
    }
}
