package io.hindsight.launcher.demo;

import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.CommonOptions;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.LogConfigurator;
import io.hindsight.launcher.cli.Terminal;
import io.hindsight.launcher.client.ProgressView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code demo}: the whole story in a few seconds, on real packets; it leaves nothing behind but what is in {@code --out}. */
@Command(
        name = "demo",
        description =
                "Records, makes HTTP and DNS traffic, freezes it, verifies, exports, and reads it back; exits 0 only if all held.",
        footer = {"", "Example:  sudo hindsight demo --out /tmp && wireshark /tmp/demo.pcapng"})
public final class DemoCommand implements Callable<Integer> {
    private static final int SECONDS_LIMIT = 3_600;
    private static final int CLEANUP_TIMEOUT_SECONDS = 15;

    private final Terminal terminal;

    @Mixin private final CommonOptions common = new CommonOptions();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long traffic is made (default: 5).")
    private int seconds;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Keeps demo.pcapng in this folder (default: nothing is kept).")
    private @Nullable Path out;

    /** Prints to the terminal. */
    public DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (seconds < 1 || seconds > SECONDS_LIMIT) {
            throw CommandFailure.of(
                    ErrorCode.INVALID_CONFIGURATION, "--seconds is 1 to " + SECONDS_LIMIT + ", got " + seconds + ".");
        }
        if (!common.debug()) {
            LogConfigurator.quiet();
        }
        CountDownLatch cleanedUp = cleanUpWhenInterrupted(Thread.currentThread());
        try (TemporaryFolder folder = TemporaryFolder.create()) {
            return tell(
                    new DemoStory(
                                    folder.path(),
                                    output(folder),
                                    Duration.ofSeconds(seconds),
                                    ProgressView.silent(),
                                    this::line)
                            .run());
        } finally {
            cleanedUp.countDown();
        }
    }

    private Path output(TemporaryFolder folder) throws IOException {
        return out == null ? folder.path() : Files.createDirectories(out.toAbsolutePath());
    }

    /** Ctrl-C ends the story early; the process ends when its folder and sockets are gone. */
    private static CountDownLatch cleanUpWhenInterrupted(Thread story) {
        CountDownLatch cleanedUp = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    if (cleanedUp.getCount() > 0) {
                                        story.interrupt();
                                        await(cleanedUp);
                                    }
                                },
                                "demo-cleanup"));
        return cleanedUp;
    }

    private static void await(CountDownLatch cleanedUp) {
        try {
            if (!cleanedUp.await(CLEANUP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("hindsight: the demo's temporary folder could not be removed in time");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void line(String what, String figures) {
        if (!common.json()) {
            terminal.out().println(String.format(Locale.ROOT, "%-10s %s", what, figures));
        }
    }

    private int tell(DemoReport report) {
        if (common.json()) {
            terminal.out().println(JsonMapping.toJson(report).encode());
        } else {
            terminal.out().println(report.held() ? "All held." : "NOT everything held.");
            terminal.out()
                    .println(
                            out == null
                                    ? "Nothing is kept; --out DIR keeps the capture file."
                                    : "Open " + report.file() + " in Wireshark.");
        }
        return (report.held() ? ExitStatus.DONE : failure(report)).code();
    }

    private static ExitStatus failure(DemoReport report) {
        return report.verification().intact() ? ExitStatus.FAILED : ExitStatus.INTEGRITY_VIOLATED;
    }
}
