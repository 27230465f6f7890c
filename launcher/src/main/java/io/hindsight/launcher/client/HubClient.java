package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Calls the Hub's HTTP API. Answers that are problems (RFC 9457) become {@link CommandFailure}s. Thread-safe.
 *
 * <p>It uses {@link HttpURLConnection} because a command is one call or two: Vert.x, and the JDK's newer client, which loads every trusted
 * certificate even for plain HTTP, take longer to start than the call takes.
 */
public final class HubClient {
    private static final int CONNECT_TIMEOUT_MS = (int) Duration.ofSeconds(5).toMillis();
    private static final int ANSWER_TIMEOUT_MS = (int) Duration.ofSeconds(30).toMillis();

    /** Of a batch that is refused. */
    private static final int ITEMS_SHOWN = 20;

    /** Problems are small: whatever is longer is not one of ours. */
    private static final int PROBLEM_LIMIT_BYTES = 1 << 20;

    static {
        // By default the JDK sends a POST again, on its own account, when the connection breaks.
        System.setProperty("sun.net.http.retryPost", "false");
    }

    private final URI hub;
    private final @Nullable String token;
    private final @Nullable SSLSocketFactory tls;

    /** Speaks to the Hub at this address; {@code token} is the bearer token, or null. */
    public HubClient(URI hub, @Nullable String token) {
        this(hub, token, null);
    }

    /** The same with TLS of its own, where it is not null: for a Hub whose certificate the system does not trust. */
    HubClient(URI hub, @Nullable String token, @Nullable SSLSocketFactory tls) {
        this.hub = hub;
        this.token = token;
        this.tls = tls;
    }

    /** A body that is being received; the caller closes it. */
    public record Download(InputStream body, long lengthBytes, String contentDisposition) {}

    /** The JSON at a path below {@code /api/v1}. */
    public JsonObject get(String path) {
        return json(send(request("GET", path, ANSWER_TIMEOUT_MS), null));
    }

    /** As {@link #get}, for what may take as long as it takes. */
    public JsonObject getAndWait(String path) {
        return json(send(request("GET", path, 0), null));
    }

    /** Posts a body, or nothing, and gives the answer. */
    public JsonObject post(String path, @Nullable JsonObject body) {
        HttpURLConnection request = request("POST", path, ANSWER_TIMEOUT_MS);
        request.setRequestProperty("Idempotency-Key", UUID.randomUUID().toString());
        return json(send(request, body));
    }

    /** As {@link #post}, for what may take as long as it takes. */
    public JsonObject postAndWait(String path) {
        return json(send(request("POST", path, 0), null));
    }

    /** Puts a body, and gives the answer. */
    public JsonObject put(String path, JsonObject body) {
        return json(send(request("PUT", path, ANSWER_TIMEOUT_MS), body));
    }

    /** The same, only while this revision is in force. */
    public JsonObject put(String path, JsonObject body, long revision) {
        HttpURLConnection request = request("PUT", path, ANSWER_TIMEOUT_MS);
        request.setRequestProperty("If-Match", "\"" + revision + "\"");
        return json(send(request, body));
    }

    /** Deletes what is at a path. */
    public void delete(String path) {
        try {
            send(request("DELETE", path, ANSWER_TIMEOUT_MS), null).getInputStream().close();
        } catch (IOException broken) {
            throw unreachable(broken);
        }
    }

    /** Opens a body of any length; {@code readTimeoutMs} is the longest silence, 0: any. */
    public Download open(String path, String mediaType, int readTimeoutMs) {
        HttpURLConnection request = request("GET", path, readTimeoutMs);
        request.setRequestProperty("Accept", mediaType);
        HttpURLConnection response = send(request, null);
        try {
            String disposition = response.getHeaderField("Content-Disposition");
            return new Download(
                    response.getInputStream(), response.getContentLengthLong(), disposition == null ? "" : disposition);
        } catch (IOException broken) {
            throw unreachable(broken);
        }
    }

    private HttpURLConnection request(String method, String path, int readTimeoutMs) {
        try {
            HttpURLConnection request =
                    (HttpURLConnection) URI.create(hub + "/api/v1" + path).toURL().openConnection(Proxy.NO_PROXY);
            if (tls != null && request instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(tls);
            }
            request.setRequestMethod(method);
            request.setConnectTimeout(CONNECT_TIMEOUT_MS);
            request.setReadTimeout(readTimeoutMs);
            request.setInstanceFollowRedirects(false);
            if (token != null) {
                request.setRequestProperty("Authorization", "Bearer " + token);
            }
            return request;
        } catch (IOException broken) {
            throw unreachable(broken);
        }
    }

    private HttpURLConnection send(HttpURLConnection request, @Nullable JsonObject body) {
        try {
            if (body != null) {
                request.setDoOutput(true);
                request.setRequestProperty("Content-Type", "application/json");
                try (OutputStream out = request.getOutputStream()) {
                    out.write(body.encode().getBytes(StandardCharsets.UTF_8));
                }
            }
            if (request.getResponseCode() < 200 || request.getResponseCode() >= 300) {
                throw problem(request);
            }
            return request;
        } catch (IOException broken) {
            throw unreachable(broken);
        }
    }

    private CommandFailure unreachable(IOException error) {
        if (error instanceof SSLException) {
            return CommandFailure.notReachable(
                    "There is no TLS with the Hub at "
                            + hub
                            + " ("
                            + reason(error)
                            + "). Name the certificate of a private CA with --tls-ca FILE; say http:// where the Hub serves that.",
                    error);
        }
        return CommandFailure.notReachable(
                "No Hub answers at "
                        + hub
                        + " ("
                        + reason(error)
                        + "). Start one with 'hindsight up', or name another with --hub URL.",
                error);
    }

    private static String reason(IOException error) {
        return switch (error) {
            case ConnectException _ -> "connection refused";
            case UnknownHostException _ -> "unknown host";
            case SocketTimeoutException _ -> "timed out";
            default -> error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
        };
    }

    private CommandFailure problem(HttpURLConnection response) throws IOException {
        JsonObject problem = problemDetails(response);
        String code = problem.getString("code", "HTTP_" + response.getResponseCode());
        String detail =
                problem.getString(
                        "detail",
                        "The Hub at "
                                + hub
                                + " answered with status "
                                + response.getResponseCode()
                                + " and no explanation: is it a Hindsight Hub?");
        return CommandFailure.ofProblem(
                status(code), code, problem.getString("field"), detail + items(problem) + wayOut(code));
    }

    /** Of a batch, what else is wrong beside the first, which the detail tells. */
    private static String items(JsonObject problem) {
        JsonArray items = problem.getJsonArray("items", new JsonArray());
        StringBuilder others = new StringBuilder();
        for (int i = 1; i < Math.min(items.size(), ITEMS_SHOWN); i++) {
            JsonObject item = items.getJsonObject(i);
            String field = item.getString("field");
            others.append(" requests[").append(item.getInteger("item")).append(']');
            others.append(field == null ? "" : "." + field).append(": ").append(item.getString("detail"));
        }
        return items.size() > ITEMS_SHOWN
                ? others + " There are " + (items.size() - ITEMS_SHOWN) + " more."
                : others.toString();
    }

    private static JsonObject problemDetails(HttpURLConnection response) throws IOException {
        try (InputStream body = response.getErrorStream()) {
            byte[] bytes = body == null ? new byte[0] : body.readNBytes(PROBLEM_LIMIT_BYTES);
            return new JsonObject(new String(bytes, StandardCharsets.UTF_8));
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
            case "FORBIDDEN" -> " A token named agent is for agents alone: use another of the Hub's token file.";
            case "UNAUTHENTICATED" -> " Name the file with the token: --token-file FILE.";
            case "SNAPSHOT_NOT_FOUND" -> " 'hindsight snapshot list' shows what there is.";
            case "UNKNOWN_NODE" -> " 'hindsight nodes' shows what there is.";
            default -> "";
        };
    }

    private JsonObject json(HttpURLConnection response) {
        try (InputStream body = response.getInputStream()) {
            return new JsonObject(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        } catch (DecodeException notJson) {
            throw CommandFailure.of(
                    ErrorCode.INTERNAL, "The answer of " + hub + " is not JSON: is it a Hindsight Hub?");
        } catch (IOException broken) {
            throw unreachable(broken);
        }
    }
}
