package io.hindsight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.bus.SnapshotAction;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Hub that has been told to stop, and has not ended yet: in virtual time that moment can be met. */
class StoppingHubTest {
    private final World world = new World(1);
    private @Nullable Future<JsonObject> answer;

    @BeforeEach
    void start() {
        world.startHub();
        assertThat(world.scheduler.run(Duration.ofSeconds(5), () -> world.hub().isStarted())).isTrue();
    }

    @AfterEach
    void end() {
        world.end();
    }

    private Future<JsonObject> askWhileItStops(SnapshotAction action, JsonObject body) {
        world.toHub(hub -> {
            hub.stop();
            answer = hub.ask(action, body);
        });
        world.scheduler.run(Duration.ofSeconds(5), () -> answer != null && answer.isComplete());
        if (answer == null) {
            throw new AssertionError("Nothing was asked.");
        }
        return answer;
    }

    @Test
    void shouldBeginNothingMore() {
        for (SnapshotAction action : new SnapshotAction[] {SnapshotAction.CREATE, SnapshotAction.BATCH}) {
            answer = null;
            assertThat(askWhileItStops(action, new JsonObject()).cause())
                    .isInstanceOfSatisfying(
                            HindsightException.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.NOT_READY))
                    .hasMessageContaining("stopping");
        }
    }

    @Test
    void shouldStillSayWhatThereIs() {
        Future<JsonObject> page = askWhileItStops(SnapshotAction.LIST, new JsonObject());
        assertThat(page.result().getInteger("total")).isZero();
    }
}
