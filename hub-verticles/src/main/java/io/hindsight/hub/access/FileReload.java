package io.hindsight.hub.access;

import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that belong together and are read again when their content changes. Content, not times: Kubernetes changes a mounted secret by swapping a symbolic
 * link, and whoever restores a file may restore its times as well. What cannot be used is left alone: the program goes on with what it has, logs it once,
 * and tries again at each check, because a pair of files that is being replaced is whole a moment later.
 */
public final class FileReload {
    private static final Logger LOG = LoggerFactory.getLogger(FileReload.class);
    private static final int MAX_COMPARED_LENGTH = 1 << 20;

    private final String name;
    private final List<Path> files;

    /** On a worker, one at a time. */
    private volatile String inUse;

    private volatile @Nullable Callable<Future<Void>> reload;

    /** What was found and what is wrong with it; null: what is there is in use. */
    private volatile @Nullable String failing;

    private final LongAdder reloads = new LongAdder();
    private final LongAdder failures = new LongAdder();

    /** Compares with what the files hold now: make it before they are read. */
    FileReload(String name, List<Path> files) {
        this.name = name;
        this.files = List.copyOf(files);
        this.inUse = content();
    }

    /** What reads the files again, on a worker, and puts what it has read to use; fails, or throws, where they cannot be used. */
    public void reloadBy(Callable<Future<Void>> reading) {
        reload = reading;
    }

    /** On a worker. */
    Future<Void> check() {
        Callable<Future<Void>> reading = reload;
        String found = content();
        if (found.equals(inUse)) {
            if (failing != null) {
                failing = null;
                LOG.info("files={} are again those that are in use.", name);
            }
            return Future.succeededFuture();
        }
        return reading == null
                ? Future.succeededFuture()
                : start(reading).onSuccess(done -> reloaded(found)).onFailure(cause -> failed(found, cause));
    }

    private static Future<Void> start(Callable<Future<Void>> reading) {
        try {
            return reading.call();
        } catch (Exception unusable) { // whatever a parser of tokens, keys and certificates may throw
            return Future.failedFuture(unusable);
        }
    }

    private void reloaded(String found) {
        inUse = found;
        failing = null;
        reloads.increment();
        LOG.info("files={} have changed and are in use.", name);
    }

    private void failed(String found, Throwable cause) {
        String what = found + " " + cause.getMessage();
        if (!what.equals(failing)) {
            failing = what;
            failures.increment();
            LOG.warn(
                    "files={} have changed and cannot be used; what was read before stays in use: {}",
                    name,
                    cause.getMessage());
        }
    }

    /** A digest of everything, or why it cannot be read. */
    private String content() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    byte[] bytes = in.readNBytes(MAX_COMPARED_LENGTH + 1);
                    digest.update(String.valueOf(bytes.length).getBytes(StandardCharsets.US_ASCII));
                    digest.update((byte) '/');
                    digest.update(bytes);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException unreadable) {
            return unreadable.toString();
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** What they are, in logs, metrics and health: the setting. */
    public String name() {
        return name;
    }

    /** Whether they have changed to what cannot be used. Any thread, as below. */
    public boolean isFailing() {
        return failing != null;
    }

    /** Changes that are in use. */
    public long reloads() {
        return reloads.sum();
    }

    /** Changes that could not be used, each counted once. */
    public long failures() {
        return failures.sum();
    }
}
