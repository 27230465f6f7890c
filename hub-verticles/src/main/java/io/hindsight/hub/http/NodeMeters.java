package io.hindsight.hub.http;

import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.api.Transfer;
import io.hindsight.chunk.DropCause;
import io.hindsight.json.JsonMapping;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What nodes say of themselves, as meters: made when a source is first heard of, taken away when its node is forgotten. One context. */
final class NodeMeters {
    private static final double NANOS_PER_SECOND = 1e9;

    /** Of one source: an agent's word is not to make meters without end. */
    private static final int MAX_PROGRAMS = 64;

    private static final Transfer NOTHING = new Transfer(0, 0);

    private record Key(String node, String source) {}

    /** The last status of one source, and the meters that read it. */
    private static final class Entry {
        SourceStatus status;
        Transfer transfer = NOTHING;
        boolean reachable;
        final List<Meter> meters = new ArrayList<>();

        Entry(SourceStatus status) {
            this.status = status;
        }
    }

    private final MeterRegistry registry;
    private final Map<Key, Entry> entries = new HashMap<>();

    /** Not a number where nobody says which nodes there should be. */
    private double expected = Double.NaN;

    private double missing = Double.NaN;

    NodeMeters(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("hindsight.nodes.expected", this, meters -> meters.expected)
                .description("Nodes that should have an agent, by the agents' DaemonSet.")
                .register(registry);
        Gauge.builder("hindsight.nodes.missing", this, meters -> meters.missing)
                .description("Nodes that should have an agent and have none that reports.")
                .register(registry);
    }

    /** Takes the answer of {@code NodeAction.LIST}. */
    void update(JsonObject list) {
        expectation(list.getJsonObject("expected"));
        Set<Key> present = new HashSet<>();
        for (Object object : list.getJsonArray("nodes", new JsonArray())) {
            JsonObject json = (JsonObject) object;
            if (json.getString("instance") == null) {
                continue; // never heard of
            }
            NodeStatus node = JsonMapping.fromJson(json, NodeStatus.class);
            for (SourceStatus source : node.sources()) {
                Key key = new Key(node.node(), source.source());
                present.add(key);
                Entry entry = entries.computeIfAbsent(key, added -> register(added, source));
                entry.status = source;
                entry.transfer =
                        node.transfers() == null ? NOTHING : node.transfers().getOrDefault(source.source(), NOTHING);
                entry.reachable = json.getBoolean("reachable", false);
            }
        }
        forgetOthers(present);
    }

    private void expectation(@Nullable JsonObject known) {
        if (known == null || known.getString("readAt") == null) {
            expected = Double.NaN;
            missing = Double.NaN;
        } else {
            expected = known.getInteger("desired");
            missing = known.getInteger("missing") + known.getInteger("unplaced");
        }
    }

    private void forgetOthers(Set<Key> present) {
        entries.entrySet()
                .removeIf(known -> {
                    boolean gone = !present.contains(known.getKey());
                    if (gone) {
                        known.getValue().meters.forEach(registry::remove);
                    }
                    return gone;
                });
    }

    private Entry register(Key key, SourceStatus first) {
        Entry entry = new Entry(first);
        Tags tags = Tags.of("node", key.node(), "source", key.source());
        gauge(entry, tags, "hindsight.node.reachable", "1 while the node's agent reports.", e -> e.reachable ? 1 : 0);
        gauge(
                entry,
                tags,
                "hindsight.node.healthy",
                "1 while data flows as it should.",
                e -> e.status.healthy() ? 1 : 0);
        gauge(entry, tags, "hindsight.ring.capacity.bytes", "Bytes that the ring holds.", e -> e.status.ringBytes());
        gauge(
                entry,
                tags,
                "hindsight.ring.used.bytes",
                "Bytes of the ring that are filled.",
                e -> e.status.ringUsedBytes());
        gauge(
                entry,
                tags,
                "hindsight.ring.pinned.bytes",
                "Bytes of the ring held for snapshots.",
                e -> e.status.ringPinnedBytes());
        gauge(
                entry,
                tags,
                "hindsight.ring.oldest.timestamp.seconds",
                "Time of the oldest record in the ring, since the epoch.",
                e -> seconds(e.status.oldest()));
        counter(
                entry,
                tags,
                "hindsight.recorded",
                "records",
                "Records since the agent started.",
                e -> e.status.records());
        counter(
                entry,
                tags,
                "hindsight.recorded.bytes",
                "",
                "Captured bytes since the agent started.",
                e -> e.status.bytes());
        counter(
                entry,
                tags,
                "hindsight.source.restarts",
                "",
                "Restarts of a source that had stopped or stood still, since the agent started.",
                e -> e.status.restarts());
        counter(
                entry,
                tags,
                "hindsight.ring.read.bytes",
                "",
                "Bytes of chunks read from the ring to be sent, since the agent started.",
                e -> e.transfer.ringReadBytes());
        counter(
                entry,
                tags,
                "hindsight.channel.sent.bytes",
                "",
                "Bytes handed to the channels to the Hub, since the agent started.",
                e -> e.transfer.channelSentBytes());
        for (DropCause cause : DropCause.values()) {
            counter(
                    entry,
                    tags.and("cause", cause.label()),
                    "hindsight.dropped",
                    "records",
                    "Records lost while recording, since the agent started.",
                    e -> e.status.drops().getOrDefault(cause.label(), 0L));
        }
        first.programs().stream().limit(MAX_PROGRAMS).forEach(program -> program(entry, tags, program.name()));
        return entry;
    }

    private void program(Entry entry, Tags tags, String name) {
        gauge(
                entry,
                tags.and("program", name),
                "hindsight.source.program.attached",
                "1 while the source's program runs in the kernel.",
                e -> e.status.programs().stream().anyMatch(p -> p.name().equals(name) && p.attached()) ? 1 : 0);
    }

    private void gauge(Entry entry, Tags tags, String name, String help, ToDoubleFunction<Entry> value) {
        entry.meters.add(Gauge.builder(name, entry, value).description(help).tags(tags).register(registry));
    }

    private void counter(Entry entry, Tags tags, String name, String unit, String help, ToDoubleFunction<Entry> value) {
        FunctionCounter.Builder<Entry> builder =
                FunctionCounter.builder(name, entry, value).description(help).tags(tags);
        entry.meters.add((unit.isEmpty() ? builder : builder.baseUnit(unit)).register(registry));
    }

    private static double seconds(@Nullable Instant time) {
        return time == null ? Double.NaN : time.getEpochSecond() + time.getNano() / NANOS_PER_SECOND;
    }
}
