import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.hindsight.cluster.BusCluster;
import io.hindsight.config.BusClusterConfig;
import io.hindsight.config.TlsFiles;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/**
 * Freezes a window, follows the snapshot, and reads every byte of it, as a member of the Hub's cluster.
 *
 *     java -cp 'lib/*' ReadSnapshot.java HOST:PORT:MEMBERSHIP_PORT PEER:MEMBERSHIP_PORT FOLDER            the last minute
 *     java -cp 'lib/*' ReadSnapshot.java HOST:PORT:MEMBERSHIP_PORT PEER:MEMBERSHIP_PORT FOLDER FROM TO    2026-11-22T20:00:00Z 2026-11-22T20:05:00Z
 *
 * lib is the folder of the program's jars, HOST is where the others reach this member, PEER a member that is there, the Hub for example. FOLDER has member.pem and
 * member.key, ca.pem, and the cluster's secret.
 */
public final class ReadSnapshot {
    public static void main(String[] arguments) throws Exception {
        String[] here = arguments[0].split(":");
        String[] peer = arguments[1].split(":");
        Path folder = Path.of(arguments[2]);
        BusCluster cluster =
                BusCluster.load(
                        new BusClusterConfig(
                                here[0],
                                Integer.parseInt(here[1]),
                                Integer.parseInt(here[2]),
                                List.of(new BusClusterConfig.Peer(peer[0], Integer.parseInt(peer[1]))),
                                new TlsFiles(
                                        folder.resolve("member.pem"),
                                        folder.resolve("member.key"),
                                        folder.resolve("ca.pem")),
                                folder.resolve("secret")));
        Vertx vertx = cluster.join(Vertx.builder().with(cluster.apply(new VertxOptions()))).await();
        try {
            SnapshotRequest request =
                    arguments.length == 5
                            ? new SnapshotRequest(
                                    "from-java", null, Instant.parse(arguments[3]), Instant.parse(arguments[4]), null)
                            : new SnapshotRequest("from-java", "1m", null, null, null);
            HubClient hub = new HubClient(vertx);
            // Who has just joined may not have heard of the Hub yet.
            hub.ready(Duration.ofMinutes(1)).await();
            run(hub, request);
        } finally {
            vertx.close().await();
        }
    }

    /** The same as over a bridge, or in the Hub's own process. */
    static void run(HubClient hub, SnapshotRequest request) throws Exception {
        Snapshot snapshot = hub.create(request).await();
        Promise<Snapshot> ended = Promise.promise();
        hub.progress(snapshot.id())
                .exceptionHandler(ended::tryFail)
                .handler(state -> {
                    if (state.state().ended()) {
                        ended.tryComplete(state);
                    }
                });
        snapshot = ended.future().await();
        System.out.println("snapshot " + snapshot.id() + " ended: " + snapshot.state());
        for (var part : snapshot.nodes()) {
            System.out.println("node " + part.node() + " sha256 " + sha256(hub, snapshot.id(), part.node()));
        }
    }

    /** The digest of a node's data file. */
    static String sha256(HubClient hub, String id, String node) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Promise<String> read = Promise.promise();
        hub.chunks(ReadOptions.of(id).nodes(node))
                .exceptionHandler(read::tryFail)
                .endHandler(whole -> read.tryComplete(HexFormat.of().formatHex(digest.digest())))
                .handler(chunk -> add(digest, chunk));
        return read.future().await();
    }

    static void add(MessageDigest digest, Chunk chunk) {
        for (ByteBuffer part : chunk.parts()) {
            digest.update(part);
        }
        chunk.release();
    }
}
