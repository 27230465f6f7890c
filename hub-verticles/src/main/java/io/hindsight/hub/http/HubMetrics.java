package io.hindsight.hub.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Match;
import io.vertx.micrometer.MatchType;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The process's meters: those of Vert.x, and the Hub's own with the prefix {@code hindsight_}. Make one for each Vert.x and pass it to
 * {@link HttpVerticle}; {@link #options} and {@link #instrument} add those of Vert.x itself.
 *
 * <p>Labels are bounded: nodes (of which the Hub keeps at most 1,000), sources, causes and states.
 */
public final class HubMetrics {
    private static final String KNOWN_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final NodeMeters nodes = new NodeMeters(registry);
    private final SnapshotMeters snapshots = new SnapshotMeters(registry);
    private final ScrubMeters scrub = new ScrubMeters(registry);
    private final ReadMeters reads = new ReadMeters(registry);
    private final VolumeMeters volume = new VolumeMeters(registry);

    /** The options of a Vert.x that meters itself. */
    public VertxOptions options(VertxOptions options) {
        MicrometerMetricsOptions metrics = new MicrometerMetricsOptions();
        metrics.setEnabled(true);
        metrics.setJvmMetricsEnabled(true);
        // Anybody can send any method: only those that exist become labels.
        metrics.addLabelMatch(
                new Match()
                        .setDomain(MetricsDomain.HTTP_SERVER)
                        .setLabel("method")
                        .setType(MatchType.REGEX)
                        .setValue(KNOWN_METHODS));
        return options.setMetricsOptions(metrics);
    }

    /** Connects these meters with a Vert.x that is being built. */
    public VertxBuilder instrument(VertxBuilder builder) {
        return builder.withMetrics(new MicrometerMetricsFactory(registry));
    }

    NodeMeters nodes() {
        return nodes;
    }

    SnapshotMeters snapshots() {
        return snapshots;
    }

    ScrubMeters scrub() {
        return scrub;
    }

    ReadMeters reads() {
        return reads;
    }

    VolumeMeters volume() {
        return volume;
    }

    /** The Prometheus text format. */
    String scrape() {
        return registry.scrape();
    }

    <T> void gauge(String name, String help, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value).description(help).strongReference(true).register(registry);
    }

    <T> void counter(String name, String help, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, source, value).description(help).register(registry);
    }

    /** One of several counters of a name that a label tells apart. */
    <T> void counter(String name, String help, Tag label, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, source, value).description(help).tags(List.of(label)).register(registry);
    }

    void version(String version) {
        Gauge.builder("hindsight.build.info", () -> 1)
                .description("Always 1; the label has the Hub's version.")
                .tag("version", version)
                .register(registry);
    }
}
