package io.hindsight.system;

import io.hindsight.agent.AgentIdentity;
import io.hindsight.agent.AgentSources;
import io.hindsight.agent.AgentVerticle;
import io.hindsight.agent.link.HubEndpoint;
import io.hindsight.agent.link.LaneChannels;
import io.hindsight.agent.link.LinkVerticle;
import io.hindsight.bus.Addresses;
import io.hindsight.chunk.NodeId;
import io.hindsight.config.AgentConfig;
import io.hindsight.config.DataSize;
import io.hindsight.config.EventsConfig;
import io.hindsight.config.LinkConfig;
import io.hindsight.config.TlsFiles;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Many agents in one process: each with a Vert.x, a ring, a link and lanes of its own, as in a process of its own, and all with the packets of one file. A program of the tests.
 *
 * <p>Arguments: the Hub's URL, a folder, the file, the number of the first agent, how many, the version of the program. It prints {@code started} when all record; a line {@code sent FROM TO} on its input has
 * it print how many heartbeats its agents sent with a time between these milliseconds; the end of its input ends it.
 */
final class AgentFarm {
    private static final Queue<Long> HEARTBEATS_MS = new ConcurrentLinkedQueue<>();

    private AgentFarm() {}

    public static void main(String[] arguments) throws IOException {
        URI hub = URI.create(arguments[0]);
        int first = Integer.parseInt(arguments[3]);
        int count = Integer.parseInt(arguments[4]);
        for (int number = first; number < first + count; number++) {
            start(hub, arguments[5], config(name(number), Path.of(arguments[1]), Path.of(arguments[2])));
        }
        System.out.println("started");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ", -1);
            System.out.println(sent(Long.parseLong(words[1]), Long.parseLong(words[2])));
        }
        Runtime.getRuntime().halt(0);
    }

    static String name(int number) {
        return "farm-%03d".formatted(number);
    }

    private static long sent(long fromMs, long toMs) {
        return HEARTBEATS_MS.stream().filter(time -> time >= fromMs && time < toMs).count();
    }

    private static AgentConfig config(String node, Path folder, Path file) {
        return new AgentConfig(
                new NodeId(node),
                folder.resolve(node),
                new DataSize(16L << 20),
                new DataSize(256L << 10),
                List.of("any"),
                0,
                "",
                AgentConfig.CaptureImplementation.AUTO,
                1,
                new DataSize(2L << 20),
                file,
                true,
                new DataSize(0),
                EventsConfig.NONE);
    }

    private static void start(URI hub, String version, AgentConfig config) {
        Vertx vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setPreferNativeTransport(true)
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1));
        vertx.eventBus()
                .addOutboundInterceptor(delivery -> {
                    if (delivery.message().address().equals(Addresses.HEARTBEATS)) {
                        HEARTBEATS_MS.add(((JsonObject) delivery.body()).getInstant("time").toEpochMilli());
                    }
                    delivery.next();
                });
        LinkConfig link = new LinkConfig(hub, null, TlsFiles.NONE, false);
        AgentIdentity identity = AgentIdentity.ofNewRun(version);
        HubEndpoint.load(vertx, link, config.node(), null)
                .compose(endpoint -> deploy(vertx, config, identity, endpoint))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    private static Future<String> deploy(
            Vertx vertx, AgentConfig config, AgentIdentity identity, HubEndpoint endpoint) {
        LinkVerticle link = new LinkVerticle(endpoint, config.node(), identity);
        LaneChannels lanes =
                new LaneChannels(
                        vertx,
                        vertx.createNetClient(endpoint.socketOptions()),
                        () -> endpoint.laneAddress(link.remoteAddress()),
                        endpoint.hostHeader(),
                        endpoint::credentials,
                        link);
        return vertx.deployVerticle(new AgentVerticle(config, identity, AgentSources.of(config, vertx), lanes))
                .compose(recording -> vertx.deployVerticle(link));
    }
}
