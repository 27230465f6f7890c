package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Calls the Hub's HTTP API with the JDK's client: Vert.x would take longer to start than the call. Answers that are problems (RFC 9457)
 * become {@link CommandFailure}s. Thread-safe.
 */
final class HubClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    /** Problems are small: whatever is longer is not one of ours. */
    private static final int PROBLEM_LIMIT_BYTES = 1 << 20;

    private final URI hub;
    private final @Nullable String token;
    private final HttpClient http;

    HubClient(URI hub, @Nullable String token) {
        this.hub = hub;
        this.token = token;
        this.http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_TIMEOUT).build();
    }

    JsonObject get(String path) {
        return json(send(request(path).timeout(ANSWER_TIMEOUT).GET()));
    }

    JsonObject post(String path, @Nullable JsonObject body) {
        return json(send(posting(path, body).timeout(ANSWER_TIMEOUT)));
    }

    /** As {@link #post}, for what may take as long as it takes. */
    JsonObject postAndWait(String path) {
        return json(send(posting(path, null)));
    }

    void delete(String path) {
        close(send(request(path).timeout(ANSWER_TIMEOUT).DELETE()));
    }

    /** A body to be read by the caller, who closes it. */
    HttpResponse<InputStream> open(String path, String mediaType) {
        return send(request(path).header("Accept", mediaType).GET());
    }

    private HttpRequest.Builder posting(String path, @Nullable JsonObject body) {
        BodyPublisher publisher = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.encode());
        HttpRequest.Builder request = request(path).POST(publisher);
        return body == null ? request : request.header("Content-Type", "application/json");
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(hub + "/api/v1" + path));
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) {
        try {
            HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
            if (response.statusCode() >= 300) {
                throw problem(response);
            }
            return response;
        } catch (IOException unreachable) {
            throw CommandFailure.notReachable(
                    "No Hub answers at "
                            + hub
                            + " ("
                            + reason(unreachable)
                            + "). Start one with 'hindsight up', or name another with --hub URL.",
                    unreachable);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.of(ErrorCode.CANCELLED, "Interrupted while waiting for " + hub + ".");
        }
    }

    private static String reason(IOException unreachable) {
        String name = unreachable.getClass().getSimpleName();
        return switch (name) {
            case "ConnectException" -> "connection refused or host unknown";
            case "HttpConnectTimeoutException", "HttpTimeoutException" -> "timed out";
            default -> unreachable.getMessage() == null ? name : unreachable.getMessage();
        };
    }

    private CommandFailure problem(HttpResponse<InputStream> response) throws IOException {
        byte[] body;
        try (InputStream stream = response.body()) {
            body = stream.readNBytes(PROBLEM_LIMIT_BYTES);
        }
        JsonObject problem = problemDetails(body);
        String code = problem.getString("code", "HTTP_" + response.statusCode());
        String detail =
                problem.getString(
                        "detail",
                        "The Hub at "
                                + hub
                                + " answered with status "
                                + response.statusCode()
                                + " and no explanation: is it a Hindsight Hub?");
        return CommandFailure.ofProblem(status(code), code, problem.getString("field"), detail + wayOut(code));
    }

    private static JsonObject problemDetails(byte[] body) {
        try {
            return new JsonObject(new String(body, StandardCharsets.UTF_8));
        } catch (DecodeException notJson) {
            return new JsonObject();
        }
    }

    private static ExitStatus status(String code) {
        return Arrays.stream(ErrorCode.values())
                .filter(known -> known.name().equals(code))
                .map(ExitStatus::of)
                .findFirst()
                .orElse(ExitStatus.FAILED);
    }

    private static String wayOut(String code) {
        return switch (code) {
            case "UNAUTHENTICATED" -> " Name the file with the token: --token-file FILE.";
            case "SNAPSHOT_NOT_FOUND" -> " 'hindsight snapshot list' shows what there is.";
            case "UNKNOWN_NODE" -> " 'hindsight nodes' shows what there is.";
            default -> "";
        };
    }

    private JsonObject json(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            return new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        } catch (DecodeException notJson) {
            throw CommandFailure.of(
                    ErrorCode.INTERNAL, "The answer of " + hub + " is not JSON: is it a Hindsight Hub?");
        } catch (IOException broken) {
            throw CommandFailure.notReachable(
                    "The connection to " + hub + " broke (" + broken.getMessage() + ").", broken);
        }
    }

    private static void close(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException alreadyGone) {
            throw CommandFailure.notReachable("The connection broke while the answer was read.", alreadyGone);
        }
    }

    /** Ends the connections at once: a command is over when its answer is printed. */
    @Override
    public void close() {
        http.shutdownNow();
    }
}
