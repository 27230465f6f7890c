package io.hindsight.launcher.server;

import io.hindsight.config.Configuration;
import io.hindsight.config.Setting.Role;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.http.HubMetrics;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running Hub, with or without an agent in the same JVM, or an agent alone: one Vert.x and what is deployed on it. Thread-safe;
 * {@link #close} may come from a shutdown hook.
 */
public final class Recorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);

    /** Preallocating a large ring takes its time; a hang does not go on for ever. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

    private final DataDirectory data;
    private final Deployable deployment;
    private final URI address;

    private Recorder(DataDirectory data, Deployable deployment, URI address) {
        this.data = data;
        this.deployment = deployment;
        this.address = address;
    }

    /**
     * Starts everything; returns when packets can be recorded and the API, where it is in this process, answers. What was started is stopped
     * again where a part fails.
     *
     * @throws HindsightException with what is wrong and the way out
     */
    public static Recorder start(Configuration configuration) {
        DataDirectory data = DataDirectory.open(configuration.dataDirectory());
        Deployable deployment = deployment(configuration);
        try {
            return new Recorder(data, deployment, await(deployment.start()));
        } catch (HindsightException failed) {
            stop(deployment, data);
            throw failed;
        }
    }

    private static Deployable deployment(Configuration configuration) {
        if (configuration.process() == Role.AGENT) {
            return new AgentDeployment(
                    VertxFactory.createForAgent(), configuration.agentConfig(), configuration.linkConfig());
        }
        HubMetrics metrics = new HubMetrics();
        return new Deployment(VertxFactory.create(metrics), metrics, configuration);
    }

    private static <T> T await(Future<T> started) {
        try {
            return started.toCompletionStage().toCompletableFuture().get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw asHindsight(failed.getCause() == null ? failed : failed.getCause());
        } catch (TimeoutException hanging) {
            throw new HindsightException(
                    ErrorCode.TIMED_OUT, "Not started after " + START_TIMEOUT.toMinutes() + " minutes.", hanging);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HindsightException(ErrorCode.CANCELLED, "Interrupted while starting.");
        }
    }

    private static HindsightException asHindsight(Throwable failure) {
        return switch (failure) {
            case HindsightException known -> known;
            case CompletionException wrapped when wrapped.getCause() != null -> asHindsight(wrapped.getCause());
            default ->
                    new HindsightException(
                            ErrorCode.INTERNAL,
                            failure.getClass().getSimpleName() + ": " + failure.getMessage(),
                            failure);
        };
    }

    /** Where the Hub's API answers: that of an agent's Hub, whether it answers now or not. */
    public URI address() {
        return address;
    }

    /** Stops capture, ends what runs, and gives the data folder back. Idempotent. */
    @Override
    public void close() {
        stop(deployment, data);
    }

    private static void stop(Deployable deployment, DataDirectory data) {
        deployment.close();
        try {
            deployment
                    .vertx()
                    .close()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException unclean) {
            LOG.warn("Not everything stopped cleanly within {} s.", STOP_TIMEOUT.toSeconds(), unclean);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            data.close();
        } catch (IOException notReleased) {
            LOG.warn("The lock of {} was not released; it ends with the process.", data.path(), notReleased);
        }
    }
}
