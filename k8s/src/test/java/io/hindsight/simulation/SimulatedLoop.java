package io.hindsight.simulation;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;

/** Netty's event loop without a thread: its tasks wait in a lane, its timers go by the simulation's time. It has no channels. */
final class SimulatedLoop extends AbstractScheduledEventExecutor implements EventLoop {
    private final Scheduler scheduler;
    private final TaskLane lane;
    private boolean waking;

    SimulatedLoop(Scheduler scheduler, TaskLane lane) {
        this.scheduler = scheduler;
        this.lane = lane;
    }

    /** When its next timer is due; {@link Long#MAX_VALUE} where there is none, or it is being looked after. */
    long nextTimerNs() {
        long deadlineNs = waking ? -1 : nextScheduledTaskDeadlineNanos();
        return deadlineNs < 0 ? Long.MAX_VALUE : deadlineNs;
    }

    /** Time has passed. */
    void wake() {
        if (nextTimerNs() <= scheduler.nanoTime()) {
            waking = true;
            lane.add(this::runDue);
        }
    }

    private void runDue() {
        waking = false;
        for (Runnable due = pollScheduledTask(scheduler.nanoTime());
                due != null;
                due = pollScheduledTask(scheduler.nanoTime())) {
            lane.add(due);
        }
    }

    @Override
    public Ticker ticker() {
        return scheduler.ticker();
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return scheduler.isRunning(lane);
    }

    @Override
    public void execute(Runnable task) {
        lane.add(task);
    }

    @Override
    public EventLoopGroup parent() {
        return this;
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public ChannelFuture register(Channel channel) {
        throw noChannels();
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        throw noChannels();
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        throw noChannels();
    }

    private static UnsupportedOperationException noChannels() {
        return new UnsupportedOperationException("A simulated event loop has no channels.");
    }

    @Override
    public boolean isShuttingDown() {
        return lane.isDead();
    }

    @Override
    public boolean isShutdown() {
        return lane.isDead();
    }

    @Override
    public boolean isTerminated() {
        return lane.isDead();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return lane.isDead();
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return terminationFuture();
    }

    @Override
    public Future<?> terminationFuture() {
        return newSucceededFuture(null);
    }

    @Override
    @Deprecated
    public void shutdown() {
        // It ends with its process.
    }
}
