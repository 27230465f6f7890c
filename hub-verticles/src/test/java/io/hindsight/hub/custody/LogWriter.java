package io.hindsight.hub.custody;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;

/** A process that writes to a custody log as fast as it can, and prints the sequence of each line that was acknowledged, until it is killed. */
final class LogWriter {
    private LogWriter() {}

    /** The snapshot volume is its argument. */
    public static void main(String[] arguments) {
        Vertx vertx = Vertx.vertx();
        CustodyLog log = new CustodyLog(vertx, Path.of(arguments[0]), Clock.systemUTC());
        log.open().await();
        for (int i = 0; i < 100_000; i++) {
            System.out.println(log.append(LogFixture.event("snapshot-" + i)).await().sequence());
        }
    }
}
