package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.lane.LaneOrder;
import io.hindsight.hub.lane.LaneTokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what, written down a second time: each endpoint with who must be let in, to be held against a listening Hub by real requests of callers of every
 * kind. {@link AccessTableTest} has callers of token files; whoever adds a kind of caller makes a {@link Column} of it and asks {@link #requireAnswer} about each of
 * {@link #endpoints()}. The Hub needs a snapshot {@value #SNAPSHOT}; a {@link HubDouble} is enough.
 */
public final class AccessTable {
    /** The snapshot that requests are about. */
    public static final String SNAPSHOT = "some-id";

    /** The node as which agents join here. */
    public static final String NODE = "node-a";

    private static final int TIMEOUT_MS = 10_000;
    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)\\s*$");

    /** Who must be let in; each role has what the one before it has. */
    public enum Needs {
        /** Everybody, known or not. */
        NOTHING,
        /** Who uses the API at all. */
        USER,
        VIEWER,
        ANALYST,
        ADMIN,
        /** Agents of {@link #NODE}, and no user. */
        AGENT_OF_NODE
    }

    /** What a caller is. */
    public enum Standing {
        /** Nobody that the Hub knows: 401. */
        UNKNOWN,
        /** The Hub cannot tell: 503. */
        UNDECIDED,
        /** Known, and of no use. */
        NOBODY,
        VIEWER,
        ANALYST,
        ADMIN,
        /** An agent that may join as {@link #NODE}. */
        AGENT_OF_NODE,
        /** An agent that may not. */
        AGENT_OF_OTHER_NODE
    }

    /**
     * One endpoint.
     *
     * @param method of the request
     * @param path of the request, below which there may be a template of the contract
     * @param template in the contract, null outside of it
     * @param body JSON, or empty
     * @param headers beside
     * @param needs who must be let in
     */
    public record Endpoint(
            String method, String path, @Nullable String template, String body, List<String> headers, Needs needs) {
        @Override
        public String toString() {
            return method + " " + path + (headers.isEmpty() ? "" : " " + headers.getFirst());
        }
    }

    /**
     * One kind of caller.
     *
     * @param name of the column
     * @param headers that say who it is
     * @param standing what it is
     */
    public record Column(String name, List<String> headers, Standing standing) {
        /** A caller with a bearer token. */
        public static Column ofToken(String name, String token, Standing standing) {
            return new Column(name, List.of("Authorization: Bearer " + token), standing);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<String> WEB_SOCKET =
            List.of(
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

    private static final List<String> LINK =
            List.of(
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    LinkProtocol.NODE_HEADER + ": " + NODE,
                    LinkProtocol.INSTANCE_HEADER + ": i-1",
                    LinkProtocol.VERSION_HEADER + ": " + LinkClient.VERSION);

    private static final List<String> LANE = List.of("Upgrade: " + LinkProtocol.LANE_UPGRADE, "Connection: Upgrade");

    private static final List<Endpoint> ENDPOINTS =
            List.of(
                    outside("/health/live", Needs.NOTHING),
                    outside("/health/ready", Needs.NOTHING),
                    outside("/metrics", Needs.VIEWER),
                    outside("/nowhere", Needs.USER),
                    outside("/api/v1/nowhere", Needs.USER),
                    new Endpoint("GET", "/api/v1/events", null, "", WEB_SOCKET, Needs.VIEWER),
                    new Endpoint("GET", LinkProtocol.LINK_PATH, null, "", LINK, Needs.AGENT_OF_NODE),
                    new Endpoint("GET", LinkProtocol.LANE_PATH, null, "", LANE, Needs.AGENT_OF_NODE),
                    get("/openapi.yaml", Needs.VIEWER),
                    get("/nodes", Needs.VIEWER),
                    get("/boundaries", Needs.VIEWER),
                    get("/events", Needs.VIEWER),
                    get("/snapshots", Needs.VIEWER),
                    get("/snapshots/{id}", Needs.VIEWER),
                    get("/snapshots/{id}/manifest", Needs.VIEWER),
                    get("/snapshots/{id}/timeline", Needs.VIEWER),
                    get("/capture", Needs.VIEWER),
                    with("POST", "/snapshots", "{\"last\": \"5m\"}", Needs.ANALYST),
                    with(
                            "POST",
                            "/snapshots",
                            "{\"last\": \"5m\", \"lockUntil\": \"2100-01-01T00:00:00Z\"}",
                            Needs.ADMIN),
                    with("POST", "/snapshots:batch", "{\"requests\": [{\"last\": \"5m\"}]}", Needs.ANALYST),
                    with(
                            "POST",
                            "/snapshots:batch",
                            "{\"requests\": [{\"last\": \"5m\"}, {\"last\": \"5m\", \"lockUntil\": \"2100-01-01T00:00:00Z\"}]}",
                            Needs.ADMIN),
                    get("/batches/{id}", Needs.VIEWER),
                    with("POST", "/batches/{id}/cancel", "", Needs.ANALYST),
                    with("POST", "/snapshots/{id}/cancel", "", Needs.ANALYST),
                    with("POST", "/snapshots/{id}/verify", "", Needs.ANALYST),
                    get("/snapshots/{id}/pcap", Needs.ANALYST),
                    with("HEAD", "/snapshots/{id}/pcap", "", Needs.ANALYST),
                    get("/snapshots/{id}/records", Needs.ANALYST),
                    get("/snapshots/{id}/flows", Needs.ANALYST),
                    get("/snapshots/{id}/workloads", Needs.ANALYST),
                    get("/snapshots/{id}/ips", Needs.ANALYST),
                    get("/workloads", Needs.ANALYST),
                    get("/ips", Needs.ANALYST),
                    with("PUT", "/snapshots/{id}/lock", "{\"until\": \"2100-01-01T00:00:00Z\"}", Needs.ADMIN),
                    with("DELETE", "/snapshots/{id}", "", Needs.ADMIN),
                    with("PUT", "/capture", "{}", Needs.ADMIN),
                    get("/retention", Needs.ADMIN),
                    get("/custody", Needs.ADMIN));

    private AccessTable() {}

    private static Endpoint outside(String path, Needs needs) {
        return new Endpoint("GET", path, null, "", List.of(), needs);
    }

    private static Endpoint get(String template, Needs needs) {
        return with("GET", template, "", needs);
    }

    private static Endpoint with(String method, String template, String body, Needs needs) {
        return new Endpoint(
                method, HttpVerticle.API_PREFIX + template.replace("{id}", SNAPSHOT), template, body, List.of(), needs);
    }

    /** The rows. */
    public static List<Endpoint> endpoints() {
        return ENDPOINTS;
    }

    /** What must be answered: 0 where the caller is let in, else 401, 403 or 503. */
    public static int refusal(Endpoint endpoint, Standing standing) {
        if (endpoint.needs() == Needs.NOTHING) {
            return 0;
        }
        return switch (standing) {
            case UNKNOWN -> 401;
            case UNDECIDED -> 503;
            case NOBODY, AGENT_OF_OTHER_NODE -> 403;
            case AGENT_OF_NODE -> endpoint.needs() == Needs.AGENT_OF_NODE ? 0 : 403;
            case VIEWER -> refusal(endpoint, Set.of(Needs.USER, Needs.VIEWER));
            case ANALYST -> refusal(endpoint, Set.of(Needs.USER, Needs.VIEWER, Needs.ANALYST));
            case ADMIN -> refusal(endpoint, Set.of(Needs.USER, Needs.VIEWER, Needs.ANALYST, Needs.ADMIN));
        };
    }

    private static int refusal(Endpoint endpoint, Set<Needs> met) {
        return met.contains(endpoint.needs()) ? 0 : 403;
    }

    /**
     * Sends the request and fails where the answer is not the one that the table has.
     *
     * @param port of the Hub, on loopback, without TLS
     * @param laneTokens of that Hub
     */
    public static void requireAnswer(int port, LaneTokens laneTokens, Endpoint endpoint, Column column)
            throws IOException {
        String answer = answer(port, request(endpoint, column, laneTokens));
        int status = RawHttp.status(answer);
        int refusal = refusal(endpoint, column.standing());
        assertThat(status).as("%s by %s: %s", endpoint, column, answer).isPositive();
        if (refusal == 0) {
            assertThat(status).as("%s by %s: %s", endpoint, column, answer).isNotIn(401, 403);
            return;
        }
        assertThat(status).as("%s by %s: %s", endpoint, column, answer).isEqualTo(refusal);
        String head = answer.toLowerCase(Locale.ROOT);
        if (status == 401) {
            assertThat(head).contains("www-authenticate: bearer");
        }
        if (status == 503) {
            assertThat(head).contains("retry-after: ");
        }
        if (!endpoint.method().equals("HEAD")) {
            assertThat(answer).contains("application/problem+json");
            assertThat(RawHttp.json(answer).getInteger("status")).isEqualTo(status);
        }
    }

    private static String request(Endpoint endpoint, Column column, LaneTokens laneTokens) {
        StringBuilder request =
                new StringBuilder(endpoint.method())
                        .append(' ')
                        .append(endpoint.path())
                        .append(" HTTP/1.1\r\nHost: localhost\r\n");
        endpoint.headers().forEach(header -> request.append(header).append("\r\n"));
        column.headers().forEach(header -> request.append(header).append("\r\n"));
        if (endpoint.path().equals(LinkProtocol.LANE_PATH)) {
            String token = laneTokens.issue(new LaneOrder("s", new NodeId(NODE), "hindsight.chunks." + NODE, 1 << 20));
            request.append(LinkProtocol.LANE_HEADER).append(": ").append(token).append("\r\n");
        }
        if (!endpoint.body().isEmpty()) {
            request.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(endpoint.body().length())
                    .append("\r\n");
        }
        return request.append("\r\n").append(endpoint.body()).toString();
    }

    /** Head and announced body, of connections that may stay open for ever. */
    static String answer(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    break;
                }
                head.write(next);
            }
            String text = head.toString(StandardCharsets.ISO_8859_1);
            Matcher length = CONTENT_LENGTH.matcher(text);
            boolean body = length.find() && !request.startsWith("HEAD ");
            return body
                    ? text + new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8)
                    : text;
        }
    }
}
