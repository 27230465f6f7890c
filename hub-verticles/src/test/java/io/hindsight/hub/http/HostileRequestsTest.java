package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.api.SnapshotState;
import io.hindsight.hub.testing.TestChunks;
import io.hindsight.hub.testing.TestHub;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile requests to every endpoint of a real Hub: {@code -Dhindsight.hostile.requests=N} of them, from {@code -Dhindsight.hostile.seed=S} on. A
 * failure names the seed of its request.
 */
final class HostileRequestsTest {
    private static final int REQUESTS = Integer.getInteger("hindsight.hostile.requests", 2_000);
    private static final long FIRST_SEED = Long.getLong("hindsight.hostile.seed", 1);

    /** Most of their time is spent on waiting for a time-out of the Hub. */
    private static final int AT_ONCE = 40;

    /** What a Hub that is busy, stopping, slow or full answers; every other 5xx is a defect. */
    private static final Set<Integer> DOCUMENTED = Set.of(503, 504, 507);

    /** Far beyond the times below: a connection that says nothing for this long has been forgotten. */
    private static final int HANG_MS = 30_000;

    private static final HttpLimits LIMITS =
            HttpLimits.DEFAULTS
                    .withConcurrency(2 * AT_ONCE, 8, 20)
                    .withTimes(
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofMillis(500),
                            Duration.ofSeconds(5));

    private static final String TOKENS =
            "otto:admin:%s%nvera:viewer:%s%nagent:%s%n"
                    .formatted(HostileRequests.ADMIN, HostileRequests.VIEWER, HostileRequests.AGENT);

    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;
    private String snapshotId;

    @BeforeEach
    void start() throws IOException {
        Path volume = Files.createDirectory(folder.resolve("volume"));
        Files.writeString(folder.resolve("x"), "a file that no request may reach");
        hub = new TestHub(volume);
        Path tokens = Files.writeString(folder.resolve("tokens"), TOKENS);
        api = new TestApi(hub.vertx(), TestApi.withTokens(TestHub.config(volume, 32, 32L << 20), tokens), LIMITS);
        hub.agent("node-a", TestChunks.packets("node-a", 3, 50));
        Heartbeats.keepSending(hub.vertx(), "node-a", Heartbeats.source(3));
        snapshotId = hub.ended(hub.create(TestHub.everything("the one to attack")).id()).id();
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    @Test
    void shouldAnswerEachWithItsFaultAndGoOn() throws InterruptedException, ExecutionException {
        List<Future<Integer>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            for (long seed = FIRST_SEED; seed < FIRST_SEED + REQUESTS; seed++) {
                long each = seed;
                answers.add(clients.submit((Callable<Integer>) () -> statusOf(each)));
            }
        }
        List<Integer> statuses = new ArrayList<>();
        for (Future<Integer> answer : answers) {
            statuses.add(answer.get());
        }
        // Neither did everything fail at the door, nor was everything taken.
        assertThat(statuses).contains(200, 400, 401, 403, 404, 405, 415);

        assertThat(api.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(hub.verify(snapshotId).violations()).isEmpty();
        assertThat(hub.ended(hub.create(TestHub.everything("afterwards")).id()).state())
                .isEqualTo(SnapshotState.COMPLETE);
        assertThat(folder.resolve("x")).hasContent("a file that no request may reach");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("x", "volume", "tokens");
    }

    private int statusOf(long seed) throws IOException {
        byte[] request = new HostileRequests(seed, snapshotId).next();
        String answer = answer(request, seed);
        int status = RawHttp.status(answer);
        if (status >= 500 && !DOCUMENTED.contains(status) && !(status == 501 && isOfAnotherVersion(request))) {
            throw new AssertionError(told(seed, request) + answer);
        }
        if (answer.contains("no request may reach") || answer.toLowerCase(Locale.ROOT).contains("\nx-injected:")) {
            throw new AssertionError("It got out. " + told(seed, request) + answer);
        }
        if (status >= 400 && answer.contains("io.hindsight.")) {
            throw new AssertionError("It names classes. " + told(seed, request) + answer);
        }
        return status;
    }

    /** Vert.x answers a version that is not HTTP/1 with 501, before anybody else sees the request. */
    private static boolean isOfAnotherVersion(byte[] request) {
        String line = new String(request, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
        return !line.matches("(?s).*HTTP/1\\.[01]\\s*");
    }

    private static String told(long seed, byte[] request) {
        String text = new String(request, StandardCharsets.ISO_8859_1);
        return "-Dhindsight.hostile.requests=1 -Dhindsight.hostile.seed="
                + seed
                + "\n"
                + text.substring(0, Math.min(text.length(), 4_000))
                + "\n→ ";
    }

    /** All of it, or the beginning of what goes on for ever; empty where the connection was closed without a word. */
    private String answer(byte[] request, long seed) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), api.port())) {
            socket.setSoTimeout(HANG_MS);
            // Whoever sends more than the server takes may be cut off while it writes, and still has an answer.
            socket.getOutputStream().write(request);
            byte[] buffer = new byte[8_192];
            for (int read = socket.getInputStream().read(buffer);
                    read >= 0 && !isStream(answer);
                    read = socket.getInputStream().read(buffer)) {
                answer.write(buffer, 0, read);
            }
        } catch (SocketException reset) {
            answer.write(new byte[0]);
        } catch (SocketTimeoutException hang) {
            throw new AssertionError("No end. " + told(seed, request) + answer, hang);
        }
        return answer.toString(StandardCharsets.ISO_8859_1);
    }

    private static boolean isStream(ByteArrayOutputStream answer) {
        return answer.size() > 0
                && (answer.toString(StandardCharsets.ISO_8859_1).contains("text/event-stream")
                        || answer.toString(StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 101"));
    }
}
