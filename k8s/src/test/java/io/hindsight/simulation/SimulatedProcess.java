package io.hindsight.simulation;

import io.hindsight.bus.BusCodecs;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.file.impl.FileResolverImpl;
import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.VertxThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** One process: a real Vert.x of its own, whose event loop and pools are lanes of the scheduler. It ends at once, with everything that it had not given to a disk. */
final class SimulatedProcess {
    private final Scheduler scheduler;
    private final String name;
    private final List<TaskLane> lanes = new ArrayList<>();
    private final List<WorkerExecutor> workers = new ArrayList<>();
    private final SimulatedLoop loop;
    private final VertxInternal vertx;
    private final Context context;
    private boolean alive = true;

    /** What an uncaught exception said; none is expected. */
    private @Nullable Throwable uncaught;

    SimulatedProcess(Scheduler scheduler, String name) {
        this.scheduler = scheduler;
        this.name = name;
        this.loop = new SimulatedLoop(scheduler, lane("loop", 1));
        scheduler.add(loop);
        this.vertx =
                (VertxInternal)
                        VertxBootstrap.create()
                                .options(new VertxOptions())
                                .transport(new SimulatedTransport(loop))
                                .executorServiceFactory((threads, least, most) -> executor("pool", most))
                                .threadFactory(VertxThreadFactory.INSTANCE)
                                .fileResolver(
                                        new FileResolverImpl(
                                                new FileSystemOptions()
                                                        .setClassPathResolvingEnabled(false)
                                                        .setFileCachingEnabled(false)))
                                .vertx();
        vertx.exceptionHandler(failure -> uncaught = failure);
        BusCodecs.register(vertx.eventBus());
        this.context = vertx.createEventLoopContext();
    }

    private TaskLane lane(String what, int width) {
        TaskLane lane = scheduler.lane(name + "/" + what, width);
        lanes.add(lane);
        return lane;
    }

    /** A pool of so many threads. */
    ExecutorService executor(String what, int width) {
        return new SimulatedExecutor(lane(what, width));
    }

    /** A pool of so many threads, as Vert.x gives it out. */
    WorkerExecutor workers(String what, int width) {
        WorkerExecutor pool = vertx.createSharedWorkerExecutor(what, width);
        workers.add(pool);
        return pool;
    }

    Vertx vertx() {
        return vertx;
    }

    /** Where everything of the process that is bound to an event loop runs. */
    Context context() {
        return context;
    }

    /** On its event loop, unless it is gone by then. */
    void run(Runnable task) {
        if (alive) {
            context.runOnContext(turn -> task.run());
        }
    }

    boolean isAlive() {
        return alive;
    }

    @Nullable Throwable uncaught() {
        return uncaught;
    }

    /** Ends it here and now. */
    void kill() {
        alive = false;
        scheduler.remove(loop);
        lanes.forEach(TaskLane::die);
        vertx.blockedThreadChecker().close();
        workers.forEach(WorkerExecutor::close); // an open one keeps its Vert.x, and so all there was, for ever
    }

    @Override
    public String toString() {
        return name;
    }
}
