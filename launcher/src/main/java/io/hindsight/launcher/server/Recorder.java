package io.hindsight.launcher.server;

import io.hindsight.config.Configuration;
import io.hindsight.config.Setting.Role;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.http.HubMetrics;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
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
        Deployable deployment = deployment(configuration, data);
        try {
            return new Recorder(data, deployment, Starting.await(deployment.start(), START_TIMEOUT, "Not started"));
        } catch (HindsightException failed) {
            stop(deployment, data);
            throw failed;
        }
    }

    /** Without a Vert.x there is nothing to stop but the folder's lock. */
    private static Deployable deployment(Configuration configuration, DataDirectory data) {
        try {
            return deployment(configuration);
        } catch (HindsightException failed) {
            unlock(data);
            throw failed;
        }
    }

    private static Deployable deployment(Configuration configuration) {
        if (configuration.process() == Role.AGENT) {
            Vertx vertx = VertxFactory.createForAgent(configuration.cluster());
            return configuration
                    .cluster()
                    .<Deployable>map(
                            cluster -> new ClusteredAgentDeployment(vertx, configuration.agentConfig(), cluster))
                    .orElseGet(
                            () -> new AgentDeployment(vertx, configuration.agentConfig(), configuration.linkConfig()));
        }
        HubMetrics metrics = new HubMetrics();
        return new Deployment(VertxFactory.create(metrics, configuration.cluster()), metrics, configuration);
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
        unlock(data);
    }

    private static void unlock(DataDirectory data) {
        try {
            data.close();
        } catch (IOException notReleased) {
            LOG.warn("The lock of {} was not released; it ends with the process.", data.path(), notReleased);
        }
    }
}
