package io.hindsight.agent.os;

import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.DropCause;
import io.hindsight.event.OsEvent;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A feed that tells what the test says, batch by batch. */
final class ScriptedFeed implements OsEventFeed {
    private final BlockingQueue<List<OsEvent>> batches = new LinkedBlockingQueue<>();
    private final Map<DropCause, Long> lost = new EnumMap<>(DropCause.class);
    private volatile @Nullable RuntimeException failure;
    private volatile boolean closed;

    void tell(OsEvent... events) {
        batches.add(List.of(events));
    }

    /** Batches that wait to be polled. */
    int backlog() {
        return batches.size();
    }

    void lose(DropCause cause, long count) {
        synchronized (lost) {
            lost.merge(cause, count, Long::sum);
        }
    }

    void fail(RuntimeException reason) {
        failure = reason;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public int poll(Consumer<OsEvent> events, int timeoutMs) {
        RuntimeException reason = failure;
        if (reason != null) {
            throw reason;
        }
        List<OsEvent> batch = next(timeoutMs);
        batch.forEach(events);
        return batch.size();
    }

    private List<OsEvent> next(int timeoutMs) {
        try {
            List<OsEvent> batch = batches.poll(timeoutMs, TimeUnit.MILLISECONDS);
            return batch == null ? List.of() : batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public long takeLost(DropCause cause) {
        synchronized (lost) {
            Long taken = lost.remove(cause);
            return taken == null ? 0 : taken;
        }
    }

    @Override
    public List<ProgramStatus> programs() {
        return List.of(new ProgramStatus("script", true, null));
    }

    @Override
    public void close() {
        closed = true;
    }
}
