package io.hindsight.agent;

import io.hindsight.agent.events.EventSink;
import io.hindsight.agent.events.EventSource;
import io.hindsight.agent.ring.TestEvents;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.chunk.ChunkSource;
import io.hindsight.error.HindsightException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A source of events that a test drives: whoever calls {@link #happened} is its thread. */
final class TestEventSource implements EventSource {
    private @Nullable EventSink sink;
    private volatile boolean alive;
    private volatile @Nullable String problem;
    private @Nullable HindsightException refusal;

    EventSink sink() {
        return Objects.requireNonNull(sink);
    }

    void happened(long timestampNs, String message) {
        sink().event(timestampNs, TestEvents.entry(timestampNs, message));
        sink().commit();
    }

    void die(String why) {
        problem = why;
        alive = false;
    }

    void fail(@Nullable String why) {
        problem = why;
    }

    /** Will not start. */
    void refuse(HindsightException why) {
        refusal = why;
    }

    @Override
    public ChunkSource source() {
        return ChunkSource.OS;
    }

    @Override
    public String name() {
        return "test-events";
    }

    @Override
    public void start(EventSink given) {
        if (refusal != null) {
            throw refusal;
        }
        sink = given;
        alive = true;
    }

    @Override
    public @Nullable String problem() {
        return problem;
    }

    @Override
    public List<ProgramStatus> programs() {
        return List.of(new ProgramStatus("sched_process_exec", true, null));
    }

    @Override
    public boolean drain(long timeoutMs) {
        return true;
    }

    @Override
    public void close() {
        alive = false;
    }

    @Override
    public boolean isAlive() {
        return alive;
    }
}
