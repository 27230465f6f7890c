package io.hindsight.hub.access;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at files every {@link #INTERVAL}, on a worker, and has those read again that have changed. Its timer ends with the verticle that starts it. */
public final class FileReloads {
    /** A change is in use after this time and what reading takes. */
    public static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(FileReloads.class);

    private final List<FileReload> all = new CopyOnWriteArrayList<>();
    private boolean checking;

    /**
     * Files to look at. Reads them: call it on a worker, before they are read.
     *
     * @param name what they are, for logs and metrics
     * @return says what is to be done about a change
     */
    public FileReload watch(String name, List<Path> files) {
        FileReload made = new FileReload(name, files);
        all.add(made);
        return made;
    }

    /** On a verticle's context. */
    public void start(Vertx vertx) {
        Context context = vertx.getOrCreateContext();
        vertx.setPeriodic(
                INTERVAL.toMillis(),
                timer -> {
                    if (!checking) {
                        checking = true;
                        check(vertx).onComplete(done -> context.runOnContext(next -> checking = false));
                    }
                });
    }

    private Future<Void> check(Vertx vertx) {
        Future<Void> checked = Future.succeededFuture();
        for (FileReload each : all) {
            checked =
                    checked.compose(before -> vertx.executeBlocking(each::check, false))
                            .compose(applied -> applied)
                            // It has been logged and counted; the others go on.
                            .otherwiseEmpty();
        }
        return checked.onFailure(broken -> LOG.error("Files could not be looked at", broken));
    }

    /** What is looked at. */
    public List<FileReload> all() {
        return List.copyOf(all);
    }
}
