package io.hindsight.hub.http;

import io.hindsight.config.TlsFiles;
import io.hindsight.hub.access.FileReload;
import io.hindsight.hub.access.FileReloads;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.NetServer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of TLS as it is now: what was read at the start, then each change of the files that can be used. New connections get it; those that are open
 * go on with what they have. Any thread.
 */
final class TlsReload {
    private final Vertx vertx;
    private final TlsFiles files;
    private volatile ServerTls current;
    private volatile @Nullable NetServer beside;

    private TlsReload(Vertx vertx, TlsFiles files, ServerTls first) {
        this.vertx = vertx;
        this.files = files;
        this.current = first;
    }

    /**
     * Reads the files, on a worker; null where there is no certificate.
     *
     * @throws io.hindsight.error.HindsightException INVALID_CONFIGURATION naming the file and its option
     */
    static @Nullable TlsReload load(
            Vertx vertx, TlsFiles files, FileReloads reloads, Supplier<@Nullable HttpServer> server) {
        List<Path> all =
                Stream.of(files.certificate(), files.key(), files.authority()).filter(Objects::nonNull).toList();
        if (!files.hasCertificate()) {
            return null;
        }
        FileReload changes = reloads.watch("tls", all);
        TlsReload made = new TlsReload(vertx, files, ServerTls.load(vertx, files).orElseThrow());
        changes.reloadBy(() -> made.reload(server.get()));
        return made;
    }

    /** On a worker. */
    private Future<Void> reload(@Nullable HttpServer server) {
        ServerTls next = ServerTls.load(vertx, files).orElseThrow();
        if (server == null) {
            return Future.failedFuture("The server does not listen yet.");
        }
        NetServer other = beside;
        Future<?> followed = other == null ? Future.succeededFuture() : other.updateSSLOptions(next.options());
        return followed.compose(done -> server.updateSSLOptions(next.options()))
                .onSuccess(updated -> current = next)
                .mapEmpty();
    }

    /** Another server that shows the same. */
    void alsoOf(NetServer server) {
        beside = server;
    }

    ServerTls current() {
        return current;
    }

    /** When clients will refuse the certificate. */
    Instant expires() {
        return current.expires();
    }

    /** Until then; negative afterwards. */
    double secondsToExpiry() {
        return (expires().toEpochMilli() - System.currentTimeMillis()) / 1_000.0;
    }
}
