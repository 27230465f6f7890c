package io.hindsight.launcher.client;

import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** Copies a download and, on a terminal, shows bytes and rate. Not thread-safe. */
final class Transfer {
    private static final int BUFFER_BYTES = 256 << 10;
    private static final long REDRAW_INTERVAL_NS = Duration.ofMillis(100).toNanos();
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final long expectedBytes;
    private final long startNs = System.nanoTime();
    private long drawnAtNs = startNs;

    /** {@code expectedBytes}: -1 where it is not known. */
    Transfer(Terminal terminal, long expectedBytes) {
        this.terminal = terminal;
        this.expectedBytes = expectedBytes;
    }

    /** Copies all, and returns how many bytes that were. */
    long copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long done = 0;
        int read = next(from, buffer, done);
        while (read >= 0) {
            to.write(buffer, 0, read);
            done += read;
            draw(done);
            read = next(from, buffer, done);
        }
        clear();
        return done;
    }

    /** Reading fails where the Hub breaks off: that is told apart from a disk that is full here. */
    private int next(InputStream from, byte[] buffer, long done) {
        try {
            return from.read(buffer);
        } catch (IOException brokenOff) {
            clear();
            throw CommandFailure.notReachable(
                    "The Hub broke off after "
                            + done
                            + " bytes ("
                            + brokenOff.getMessage()
                            + "); its log tells why. Nothing was kept.",
                    brokenOff);
        }
    }

    private void draw(long done) {
        long now = System.nanoTime();
        if (!terminal.errInteractive() || now - drawnAtNs < REDRAW_INTERVAL_NS) {
            return;
        }
        drawnAtNs = now;
        double rate = done * 1e9 / (now - startNs);
        String remaining =
                expectedBytes <= 0
                        ? ""
                        : " of "
                                + Human.bytes(expectedBytes)
                                + "  ETA "
                                + Human.duration(Duration.ofMillis((long) ((expectedBytes - done) * 1_000 / rate)));
        terminal.err().print(CLEAR_LINE + Human.bytes(done) + "  " + Human.bytes(rate) + "/s" + remaining);
        terminal.err().flush();
    }

    private void clear() {
        if (terminal.errInteractive()) {
            terminal.err().print(CLEAR_LINE);
        }
    }
}
