import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.client.HubBridge;
import io.hindsight.client.HubBridgeOptions;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Freezes a window, follows the snapshot, and reads every byte of it, from anywhere that reaches the Hub's port.
 *
 *     java -cp 'lib/*' ReadSnapshot.java https://hub.example:8899               the last minute
 *     java -cp 'lib/*' ReadSnapshot.java https://hub.example:8899 FROM TO       2026-11-22T20:00:00Z 2026-11-22T20:05:00Z
 *
 * lib is the folder of the program's jars. HINDSIGHT_TOKEN_FILE names a file with a token, where the Hub asks for one; HINDSIGHT_CA a PEM file with the authority of the
 * Hub's certificate, where that is your own.
 */
public final class ReadSnapshot {
    public static void main(String[] arguments) throws Exception {
        HubBridgeOptions options = HubBridgeOptions.of(URI.create(arguments[0]));
        String token = System.getenv("HINDSIGHT_TOKEN_FILE");
        String authority = System.getenv("HINDSIGHT_CA");
        options = token == null ? options : options.token(Path.of(token));
        options = authority == null ? options : options.authority(Path.of(authority));
        Vertx vertx = Vertx.vertx();
        try {
            HubBridge.connect(vertx, options).await();
            SnapshotRequest request =
                    arguments.length == 3
                            ? new SnapshotRequest(
                                    "from-java", null, Instant.parse(arguments[1]), Instant.parse(arguments[2]), null)
                            : new SnapshotRequest("from-java", "1m", null, null, null);
            run(new HubClient(vertx), request);
        } finally {
            vertx.close().await();
        }
    }

    /** The same as in the cluster, or in the Hub's own process. */
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
