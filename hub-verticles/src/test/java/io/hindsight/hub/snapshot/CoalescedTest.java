package io.hindsight.hub.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoalescedTest {
    private final List<Promise<Void>> runs = new ArrayList<>();
    private final Coalesced step = new Coalesced(this::begin);

    private Future<Void> begin() {
        Promise<Void> run = Promise.promise();
        runs.add(run);
        return run.future();
    }

    @Test
    void shouldRunOnceMoreForAllWhoAskMeanwhile() {
        Future<Void> first = step.run();
        Future<Void> second = step.run();
        Future<Void> third = step.run();
        assertThat(runs).hasSize(1);

        runs.get(0).complete();
        assertThat(first.isComplete()).isTrue();
        assertThat(second.isComplete()).isFalse();
        assertThat(runs).hasSize(2);

        Future<Void> fourth = step.run();
        runs.get(1).complete();
        assertThat(second.isComplete() && third.isComplete()).isTrue();
        assertThat(fourth.isComplete()).isFalse();
        runs.get(2).complete();
        assertThat(fourth.isComplete()).isTrue();
        assertThat(runs).hasSize(3);
    }

    @Test
    void shouldRunAtOnceWhereNothingRuns() {
        step.run();
        runs.get(0).complete();
        step.run();

        assertThat(runs).hasSize(2);
    }
}
