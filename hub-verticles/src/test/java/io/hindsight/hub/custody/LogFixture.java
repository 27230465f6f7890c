package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.hub.store.ChannelOpener;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A custody log in a folder, opened and closed as Hubs do, and the lines of its files. */
final class LogFixture implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Path volume;

    LogFixture(Path volume) {
        this.volume = volume;
    }

    CustodyLog opened() {
        return opened(ChannelOpener.FILES, CustodyFormat.MAX_FILE_BYTES);
    }

    CustodyLog opened(ChannelOpener opener, long maxFileBytes) {
        CustodyLog log = new CustodyLog(vertx, volume, Clock.systemUTC(), opener, maxFileBytes);
        log.open().await();
        return log;
    }

    static CustodyEvent event(String id) {
        return new CustodyEvent(
                CustodyAction.EXPORT,
                id,
                "a name with \"quotes\", a\nline and ü",
                "alice",
                "127.0.0.1",
                CustodyOutcome.DONE,
                null,
                Map.of("bytes", "17", "ended", "whole"));
    }

    /** Opens, writes so many lines, and closes. */
    List<CustodyEntry> write(int count) {
        CustodyLog log = opened();
        try {
            return IntStream.range(0, count).mapToObj(i -> log.append(event("snapshot-" + i)).await()).toList();
        } finally {
            log.close().await();
        }
    }

    Path folder() {
        return volume.resolve(CustodyFormat.FOLDER);
    }

    /** The only file. */
    Path file() {
        List<Path> files = CustodyFiles.of(folder());
        if (files.size() != 1) {
            throw new AssertionError(files);
        }
        return files.getFirst();
    }

    static List<String> lines(Path file) {
        return Arrays.asList(text(file).split("\n"));
    }

    static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String joined(List<String> lines) {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    @Override
    public void close() {
        vertx.close().await();
    }
}
