package io.hindsight.hub.access;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bearer tokens from a file, as it was when it last could be used: {@link TokenTable} says how it is written. Thread-safe. */
final class BearerTokens implements Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(BearerTokens.class);

    private volatile TokenTable tokens;

    private BearerTokens(TokenTable tokens) {
        this.tokens = tokens;
    }

    /** Reads the file now, on a worker, and again whenever {@code reloads} finds it changed. */
    static BearerTokens load(Path file, FileReloads reloads) {
        warnIfReadableByOthers(file);
        FileReload changes = reloads.watch("token-file", List.of(file));
        BearerTokens made = new BearerTokens(TokenTable.read(file));
        changes.reloadBy(() -> {
            made.tokens = TokenTable.read(file);
            return Future.succeededFuture();
        });
        return made;
    }

    private static void warnIfReadableByOthers(Path file) {
        try {
            if (Files.getFileStore(file).supportsFileAttributeView("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                LOG.warn("Everybody on this machine can read the token file={}; chmod 600 it.", file);
            }
        } catch (IOException unreadable) {
            LOG.debug("Who can read file={} is not known: {}", file, unreadable.toString());
        }
    }

    @Override
    public boolean answersAtOnce() {
        return true;
    }

    @Override
    public Future<Optional<Caller>> authenticate(String token) {
        return Future.succeededFuture(tokens.callerOf(token));
    }

    /** Holds nothing. */
    @Override
    public void close() {}
}
