package io.hindsight.hub.testing;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.chunk.Chunk;
import io.hindsight.client.HubClient;
import io.hindsight.client.ReadOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.streams.ReadStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** What somebody who analyses snapshots might write: freezes, waits, and reads every byte. It knows a Vert.x, and not where the Hub is. */
public final class ReadingProgram {
    private final HubClient hub;

    public ReadingProgram(Vertx vertx) {
        this.hub = new HubClient(vertx);
    }

    /** Freezes this, and waits for the end. */
    public Future<Snapshot> freeze(SnapshotRequest request) {
        return hub.create(request).compose(snapshot -> ended(hub.progress(snapshot.id())));
    }

    /** The last of these states. */
    public static Future<Snapshot> ended(ReadStream<Snapshot> progress) {
        Promise<Snapshot> ended = Promise.promise();
        progress.exceptionHandler(ended::tryFail)
                .handler(state -> {
                    if (state.state().ended()) {
                        ended.tryComplete(state);
                    }
                });
        return ended.future();
    }

    /** By node, the SHA-256 of the chunks that came of it. */
    public Future<Map<String, String>> digests(Snapshot snapshot) {
        Map<String, String> digests = new TreeMap<>();
        Future<?> all = Future.succeededFuture();
        for (String node : snapshot.nodes().stream().map(part -> part.node()).toList()) {
            all =
                    all.compose(before -> digest(ReadOptions.of(snapshot.id()).nodes(node)))
                            .onSuccess(digest -> digests.put(node, digest));
        }
        return all.map(digests);
    }

    /** The SHA-256 of these chunks. */
    public Future<String> digest(ReadOptions options) {
        MessageDigest digest = sha256();
        Promise<String> read = Promise.promise();
        hub.chunks(options)
                .exceptionHandler(read::tryFail)
                .endHandler(whole -> read.tryComplete(HexFormat.of().formatHex(digest.digest())))
                .handler(chunk -> add(digest, chunk));
        return read.future();
    }

    private static void add(MessageDigest digest, Chunk chunk) {
        for (ByteBuffer part : chunk.parts()) {
            digest.update(part);
        }
        chunk.release();
    }

    /** What the manifest says of the data files, by node. */
    public Future<Map<String, String>> sealedDigests(String id) {
        return hub.manifest(id)
                .map(manifest -> {
                    Map<String, String> digests = new TreeMap<>();
                    for (Object part : manifest.getJsonArray("nodes")) {
                        JsonObject node = (JsonObject) part;
                        digests.put(node.getString("node"), node.getJsonObject("data").getString("sha256"));
                    }
                    return digests;
                });
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
