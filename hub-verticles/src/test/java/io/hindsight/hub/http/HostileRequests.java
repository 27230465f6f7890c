package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.testing.Mutations;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Requests that no honest client sends, to every path there is: each is made of one seed, and made again by it. */
final class HostileRequests {
    /** Tokens of the Hub that is attacked, by their roles. */
    static final String ADMIN = "admin-token-0123456789";

    static final String VIEWER = "viewer-token-0123456789";
    static final String AGENT = "agent-token-0123456789";

    private static final List<String> METHODS =
            List.of(
                    "GET", "GET", "GET", "POST", "POST", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE",
                    "CONNECT", "get", "A");

    /** {@code {id}} stands for an id. */
    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/health/live",
                    "/health/ready",
                    "/metrics",
                    "/api/v1",
                    "/api/v1/nodes",
                    "/api/v1/boundaries",
                    "/api/v1/snapshots",
                    "/api/v1/snapshots/{id}",
                    "/api/v1/snapshots/{id}/cancel",
                    "/api/v1/snapshots/{id}/end",
                    "/api/v1/snapshots/{id}/verify",
                    "/api/v1/snapshots/{id}/manifest",
                    "/api/v1/snapshots/{id}/pcap",
                    "/api/v1/snapshots/{id}/records",
                    "/api/v1/snapshots/{id}/lock",
                    "/api/v1/snapshots/{id}/timeline",
                    "/api/v1/snapshots/{id}/flows",
                    "/api/v1/snapshots/{id}/workloads",
                    "/api/v1/snapshots/{id}/ips",
                    "/api/v1/retention",
                    "/api/v1/custody",
                    LinkProtocol.LINK_PATH,
                    LinkProtocol.LANE_PATH,
                    "/api/v1/events",
                    "/api/v1/openapi.yaml");

    private static final List<String> SEGMENTS =
            List.of(
                    "..",
                    "../x",
                    "%2e%2e",
                    "%2e%2e%2fx",
                    "..%2f..%2f..%2fetc%2fpasswd",
                    "..%5c..%5cx",
                    "%252e%252e%252fx",
                    "%c0%ae%c0%ae",
                    "%00",
                    "x%00.json",
                    "\u0000",
                    ".sessions",
                    ".verifications",
                    "%2esessions",
                    ".",
                    "",
                    "%",
                    "%zz",
                    "%ff%fe",
                    "%f0%9f%92%a3",
                    "%0d%0aX-Injected:%20yes",
                    "-1",
                    "9223372036854775808",
                    "99999999999999999999999999999999",
                    "NaN",
                    "x;jsessionid=1",
                    "*",
                    "con",
                    "~root",
                    "x".repeat(64),
                    "x".repeat(65),
                    "x".repeat(5_000),
                    "http://evil.example/",
                    "\u00e9\u00ff");

    private static final List<String> PARAMETERS =
            List.of(
                    "search",
                    "state",
                    "node",
                    "sort",
                    "limit",
                    "offset",
                    "format",
                    "nodes",
                    "from",
                    "to",
                    "bpf",
                    "last",
                    "id",
                    "__proto__",
                    "",
                    "a[]");

    private static final List<String> VALUES =
            List.of(
                    "",
                    "0",
                    "-1",
                    "1",
                    "2147483647",
                    "2147483648",
                    "9223372036854775807",
                    "9223372036854775808",
                    "1e999999999",
                    "0x7fffffff",
                    "1.5",
                    "NaN",
                    "null",
                    "true",
                    "[]",
                    "{}",
                    "COMPLETE",
                    "complete",
                    "-createdAt",
                    "pcap",
                    "pcapng",
                    "node-a",
                    "node-a,node-a,node-b",
                    "..",
                    "../../etc/passwd",
                    "%2e%2e%2f",
                    "%00",
                    "%",
                    "%zz",
                    "%f0%9f%92%a3",
                    "%ed%a0%80",
                    "0000-01-01T00:00:00Z",
                    "9999-12-31T23:59:59.999999999Z",
                    "2026-11-22T20:00:00.1234567890Z",
                    "2026-13-41T25:61:61Z",
                    "2026-11-22T20:00:00%2B18:00",
                    "2026-11-22T20:00:00%2B99:99",
                    "1970-01-01T00:00:00Z",
                    "1969-12-31T23:59:59Z",
                    "2262-04-11T23:47:16.854775808Z",
                    "%2b1000000000-01-01T00:00:00Z",
                    "tcp",
                    "tcp%20port%20999999",
                    "(".repeat(1_500),
                    "not%20".repeat(600) + "ip",
                    "ip%20and%20".repeat(180) + "ip",
                    "len%20%3E%209999999999999",
                    "ip%5B4294967295%5D%20%3D%201",
                    "host%20evil.example",
                    "ether%20proto%20%5Cip",
                    "'%20OR%201=1",
                    "%3Cscript%3E",
                    "$%7Bjndi:ldap://127.0.0.1/x%7D",
                    "x".repeat(201),
                    "x,".repeat(3_000) + "x");

    private static final List<String> HEADERS =
            List.of(
                    "Range: bytes=0-",
                    "Range: bytes=-0",
                    "Range: bytes=-999999999999999999",
                    "Range: bytes=99999999999999999999-",
                    "Range: bytes=0-999999999999999999",
                    "Range: bytes=5-2",
                    "Range: bytes=0-0,1-1,2-2",
                    "Range: bytes=" + "0-1,".repeat(2_000) + "2-3",
                    "Range: lines=1-2",
                    "Range: bytes",
                    "If-Range: \"x\"",
                    "If-None-Match: *",
                    "If-None-Match: \"x\", W/\"y\"",
                    "If-Modified-Since: never",
                    "Accept: ",
                    "Accept: */*;q=9e9",
                    "Accept: ;;;,,,",
                    "Accept: application/json;q=-1",
                    "Accept: text/event-stream",
                    "Accept: " + "a/b,".repeat(2_000),
                    "Accept-Encoding: gzip, deflate, br, *;q=0",
                    "Accept-Encoding: ;;",
                    "Host: evil.example",
                    "Host: localhost:99999999",
                    "Host: [::1",
                    "Host: ",
                    "Host: localhost, localhost",
                    "Origin: null",
                    "Origin: http://localhost",
                    "Origin: ://",
                    "Sec-Fetch-Site: cross-site",
                    "Idempotency-Key: k",
                    "Idempotency-Key: ",
                    "Idempotency-Key: " + "k".repeat(201),
                    "Idempotency-Key: a\u00e9b",
                    "Content-Type: application/json",
                    "Content-Type: application/json; charset=utf-7",
                    "Content-Type: multipart/form-data; boundary=x",
                    "Content-Type: multipart/form-data",
                    "Content-Type: application/x-www-form-urlencoded",
                    "Content-Type: ;",
                    "Content-Encoding: gzip",
                    "Content-Length: 0",
                    "Content-Length: 5",
                    "Content-Length: 99999999999",
                    "Content-Length: 9223372036854775808",
                    "Content-Length: -5",
                    "Content-Length: x",
                    "Transfer-Encoding: chunked",
                    "Transfer-Encoding: gzip, chunked",
                    "Transfer-Encoding: chunked\u000b",
                    "Expect: 100-continue",
                    "Expect: magic",
                    "Connection: keep-alive",
                    "Connection: Upgrade",
                    "Connection: close, Upgrade, HTTP2-Settings",
                    "Upgrade: websocket",
                    "Upgrade: h2c",
                    "Upgrade: hindsight-chunks/1",
                    "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "Sec-WebSocket-Key: x",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Version: -1",
                    "Sec-WebSocket-Protocol: " + "p,".repeat(500),
                    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99",
                    "Cookie: a=b; ; =; " + "c=d;".repeat(500),
                    "X-Forwarded-For: 127.0.0.1",
                    "X-HTTP-Method-Override: DELETE",
                    "X: " + "x".repeat(17_000),
                    " folded",
                    ": empty name",
                    "No colon",
                    "X-Nul: \u0000");

    private static final List<String> AUTHORIZATIONS =
            List.of(
                    "Authorization: Bearer " + VIEWER,
                    "Authorization: Bearer " + AGENT,
                    "Authorization: Bearer  " + ADMIN + "  ",
                    "Authorization: bEaReR " + ADMIN,
                    "authorization: Bearer " + ADMIN + "\r\nAUTHORIZATION: Bearer " + VIEWER,
                    "Authorization: Bearer " + ADMIN + ", Bearer " + VIEWER,
                    "Authorization: Bearer " + ADMIN + " " + VIEWER,
                    "Authorization: Bearer otto:admin:" + ADMIN,
                    "Authorization: Bearer " + ADMIN + "\t",
                    "Authorization: Bearer " + ADMIN + "\u0000",
                    "Authorization: Bearer\t" + ADMIN,
                    "Authorization: Bearer" + ADMIN,
                    "Authorization: Bearer",
                    "Authorization: Bearer \u00e9\u00ff\u0080\u00a0",
                    "Authorization: Bearer \uff42\uff45\uff41\uff52",
                    "Authorization: Bearer " + "x".repeat(15_000),
                    "Authorization: Bearer " + "x".repeat(17_000),
                    "Authorization: Bearer " + ".".repeat(3_000),
                    "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
                    "Authorization: Bearer %41%42",
                    "Authorization: Bearer ${jndi:ldap://127.0.0.1/x}",
                    "Authorization: Digest username=\"otto\", realm=\"hindsight\", nonce=\"\"",
                    "Authorization: Negotiate TlRMTVNTUAABAAAA",
                    "Authorization: Basic " + "QQ==".repeat(2_000),
                    "Authorization: AWS4-HMAC-SHA256 Credential=x/20261122/y/s3/aws4_request",
                    "Authorization:" + " ".repeat(10_000),
                    "Proxy-Authorization: Bearer " + ADMIN,
                    "X-Authorization: Bearer " + ADMIN,
                    "X-Remote-User: otto\r\nX-Remote-Group: system:masters\r\nImpersonate-User: otto",
                    "Cookie: token=" + ADMIN,
                    "Sec-WebSocket-Protocol: bearer, " + ADMIN);

    private static final List<String> BODIES =
            List.of(
                    "",
                    "{",
                    "{}",
                    "[]",
                    "null",
                    "0",
                    "\"\"",
                    "NaN",
                    "{\"last\": \"5m\"}",
                    "{\"last\": \"5m\", \"last\": \"6m\"}",
                    "{\"last\": null}",
                    "{\"last\": 1e999999999}",
                    "{\"last\": \"99999999999999999999d\"}",
                    "{\"last\": \"-5m\"}",
                    "{\"last\": \"P99999999999999999D\"}",
                    "{\"last\": \"PT9223372036854775807S\"}",
                    "{\"last\": \"\\u0000\"}",
                    "{\"last\": \"5m\", \"nodes\": null}",
                    "{\"last\": \"5m\", \"nodes\": [null]}",
                    "{\"last\": \"5m\", \"nodes\": [\"../x\"]}",
                    "{\"last\": \"5m\", \"nodes\": [\"\\u0000\"]}",
                    "{\"last\": \"5m\", \"nodes\": [[[]]]}",
                    "{\"last\": \"5m\", \"name\": \"\\ud800\"}",
                    "{\"last\": \"5m\", \"name\": \"../../x\\u0000\"}",
                    "{\"last\": \"5m\", \"name\": {}}",
                    "{\"from\": \"0000-01-01T00:00:00Z\", \"to\": \"9999-12-31T23:59:59Z\"}",
                    "{\"from\": \"2026-11-22T20:00:00Z\"}",
                    "{\"from\": \"2262-04-11T23:47:16.854775808Z\", \"to\": \"2262-04-12T00:00:00Z\"}",
                    "{\"from\": \"1600-01-01T00:00:00Z\", \"to\": \"1600-02-01T00:00:00Z\"}",
                    "{\"from\": \"2026-11-22T20:00:00+99:99\"}",
                    "{\"from\": 0, \"to\": 9223372036854775808}",
                    "{\"__proto__\": {\"last\": \"5m\"}}",
                    "{\"last\": \"5m\", \"nodes\": [" + "\"n\",".repeat(20_000) + "\"n\"]}",
                    "[".repeat(100_000),
                    "{\"a\":".repeat(50_000),
                    "\ufeff{\"last\": \"5m\"}",
                    "{\"last\": \"" + "9".repeat(200_000) + "\"}",
                    "{\"" + "k".repeat(200_000) + "\": 1}",
                    "-".repeat(2_000_000),
                    "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../x\"\r\n\r\nb\r\n--x--\r\n",
                    "ffffffffffffffff\r\n",
                    "5\r\nabc");

    private final SplittableRandom random;
    private final String snapshotId;

    HostileRequests(long seed, String snapshotId) {
        this.random = new SplittableRandom(seed);
        this.snapshotId = snapshotId;
    }

    byte[] next() {
        String method = one(METHODS);
        String body = random.nextInt(3) == 0 || method.equals("POST") ? one(BODIES) : "";
        StringBuilder head = new StringBuilder(method).append(' ').append(target(method)).append(' ').append(version());
        head.append("\r\n");
        if (often()) {
            head.append("Host: localhost\r\n");
        }
        head.append(random.nextInt(4) > 0 ? "Authorization: Bearer " + ADMIN : one(AUTHORIZATIONS)).append("\r\n");
        for (int i = random.nextInt(4); i > 0; i--) {
            head.append(one(HEADERS)).append("\r\n");
        }
        if (!body.isEmpty() && often()) {
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        if (often()) {
            head.append("Connection: close\r\n");
        }
        head.append("\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body.getBytes(StandardCharsets.UTF_8));
        byte[] bytes = request.toByteArray();
        return random.nextInt(8) == 0 ? Mutations.mutate(bytes, random) : bytes;
    }

    /** What would be a request but for one thing must be common, else nothing gets past the first check. */
    private boolean often() {
        return random.nextInt(10) > 0;
    }

    private String version() {
        return often()
                ? "HTTP/1.1"
                : one(List.of("HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "http/1.1", "HTTP/1.1 x", "", "ICY"));
    }

    private String target(String method) {
        String path = one(PATHS).replace("{id}", id(method));
        path =
                switch (random.nextInt(12)) {
                    case 0 -> path + "/";
                    case 1 -> path + "/" + one(SEGMENTS);
                    case 2 -> path.replaceFirst("/", "//");
                    case 3 -> path.toUpperCase(Locale.ROOT);
                    case 4 -> one(SEGMENTS) + path;
                    case 5 -> "http://localhost" + path;
                    default -> path;
                };
        return path + query();
    }

    /** The snapshot itself where the request cannot remove it: what comes after the check of the id is reached. */
    private String id(String method) {
        return !method.equals("DELETE") && random.nextBoolean() ? snapshotId : one(SEGMENTS);
    }

    private String query() {
        StringBuilder query = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            query.append(query.isEmpty() ? '?' : '&').append(one(PARAMETERS)).append('=').append(one(VALUES));
        }
        return switch (random.nextInt(20)) {
            case 0 -> query + "?" + "&".repeat(1_000);
            case 1 -> query + "?&=&==&%&" + "a=b&".repeat(2_000);
            case 2 -> query + "#" + one(SEGMENTS);
            default -> query.toString();
        };
    }

    private String one(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
