package io.hindsight.launcher.client;

import io.hindsight.api.Batch;
import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Follows a batch to its end by asking twice a second, and shows one line for all of it. Use it once, from one thread. */
final class BatchWatch {
    private static final long POLL_INTERVAL_MS = 500;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final HubClient hub;
    private final Terminal terminal;
    private final boolean silent;
    private String shown = "";

    BatchWatch(HubClient hub, Terminal terminal, boolean json) {
        this.hub = hub;
        this.terminal = terminal;
        this.silent = json && !terminal.errInteractive();
    }

    /** The batch once all of it has ended. */
    JsonObject await(JsonObject begun) {
        String path = "/batches/" + begun.getString("id");
        JsonObject batch = begun;
        while (!show(JsonMapping.fromJson(batch, Batch.class))) {
            pause();
            batch = hub.get(path);
        }
        if (terminal.errInteractive()) {
            terminal.err().print(CLEAR_LINE);
        }
        return batch;
    }

    private boolean show(Batch batch) {
        String states = states(batch);
        String line = batch.id() + " " + states + "  " + bytes(batch);
        if (terminal.errInteractive()) {
            terminal.err().print(CLEAR_LINE + line);
            terminal.err().flush();
        } else if (!silent && !states.equals(shown)) {
            terminal.err().println(line);
        }
        shown = states;
        return batch.ended();
    }

    private static String states(Batch batch) {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Integer> state : new TreeMap<>(batch.states()).entrySet()) {
            text.append(text.isEmpty() ? "" : ", ").append(state.getValue()).append(' ').append(state.getKey());
        }
        return text.toString();
    }

    private static String bytes(Batch batch) {
        return Human.bytes(batch.bytes()) + " of " + Human.bytes(Math.max(batch.bytes(), batch.bytesExpected()));
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.of(ErrorCode.CANCELLED, "Interrupted; the batch goes on at the Hub.");
        }
    }
}
