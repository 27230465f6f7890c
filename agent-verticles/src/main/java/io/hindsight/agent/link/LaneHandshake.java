package io.hindsight.agent.link;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a lane and reads the answer: a head of at most {@value #MAX_HEAD_BYTES} bytes and, where the Hub refuses, a problem of at most as many, all
 * within {@value #TIMEOUT_MS} ms. Once the lane is open the Hub sends nothing more. One event loop; one use.
 */
final class LaneHandshake {
    static final int MAX_HEAD_BYTES = 8 << 10;
    static final long TIMEOUT_MS = 10_000;

    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})( .*)?");
    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)content-length:\\s*([0-9]{1,9})\\s*");
    private static final Pattern UPGRADE =
            Pattern.compile("(?i)upgrade:\\s*" + Pattern.quote(LinkProtocol.LANE_UPGRADE) + "\\s*");

    private final Vertx vertx;
    private final NetSocket socket;
    private final Promise<Void> opened = Promise.promise();
    private final Buffer answer = Buffer.buffer();

    LaneHandshake(Vertx vertx, NetSocket socket) {
        this.vertx = vertx;
        this.socket = socket;
    }

    static String request(String hostHeader, @Nullable String authorization, String token) {
        return "GET "
                + LinkProtocol.LANE_PATH
                + " HTTP/1.1\r\nHost: "
                + hostHeader
                + "\r\nConnection: Upgrade\r\nUpgrade: "
                + LinkProtocol.LANE_UPGRADE
                + "\r\n"
                + LinkProtocol.LANE_HEADER
                + ": "
                + token
                + "\r\n"
                + (authorization == null ? "" : "Authorization: " + authorization + "\r\n")
                + "\r\n";
    }

    /** Succeeded when the lane is open; else failed with the Hub's words, and the socket closed. */
    Future<Void> ask(String request) {
        long timer =
                vertx.setTimer(
                        TIMEOUT_MS,
                        late -> fail(ErrorCode.TIMED_OUT, "did not answer within limit=" + TIMEOUT_MS + " ms"));
        socket.handler(this::received);
        socket.exceptionHandler(failure -> fail(ErrorCode.AGENT_UNREACHABLE, "broke off: " + failure.getMessage()));
        socket.closeHandler(closed -> ended());
        socket.write(request)
                .onFailure(failure -> fail(ErrorCode.AGENT_UNREACHABLE, "broke off: " + failure.getMessage()));
        return opened.future().onComplete(done -> vertx.cancelTimer(timer)).onFailure(refused -> socket.close());
    }

    private void received(Buffer bytes) {
        if (opened.future().isComplete()) {
            return;
        }
        answer.appendBuffer(bytes);
        String text = answer.toString(StandardCharsets.ISO_8859_1);
        int headLength = text.indexOf(END_OF_HEAD);
        if (headLength >= 0 && headLength <= MAX_HEAD_BYTES) {
            headRead(text.substring(0, headLength).split("\r\n"), headLength + END_OF_HEAD.length());
        } else if (text.length() > MAX_HEAD_BYTES) {
            fail(ErrorCode.AGENT_FAILED, "answered with a head of more than limit=" + MAX_HEAD_BYTES + " bytes");
        }
    }

    private void headRead(String[] lines, int bodyStart) {
        Matcher status = STATUS_LINE.matcher(lines[0]);
        if (!status.matches()) {
            fail(ErrorCode.AGENT_FAILED, "did not answer in HTTP");
        } else if (status.group(1).equals("101")) {
            switched(lines, bodyStart);
        } else {
            refused(status.group(1), lines, bodyStart);
        }
    }

    private void switched(String[] lines, int bodyStart) {
        if (find(UPGRADE, lines).isEmpty()) {
            fail(ErrorCode.AGENT_FAILED, "switched to something else than " + LinkProtocol.LANE_UPGRADE);
        } else if (answer.length() > bodyStart) {
            fail(ErrorCode.AGENT_FAILED, "sent bytes on a lane, which is the agent's to write");
        } else {
            opened.tryComplete();
        }
    }

    /** Waits for the problem where one is announced. */
    private void refused(String status, String[] lines, int bodyStart) {
        int announced =
                find(CONTENT_LENGTH, lines)
                        .map(found -> Math.min(MAX_HEAD_BYTES, Integer.parseInt(found.group(1))))
                        .orElse(0);
        if (answer.length() - bodyStart >= announced) {
            JsonObject problem = problem(answer.getBuffer(bodyStart, bodyStart + announced));
            String detail = problem.getValue("detail") instanceof String words ? words : "without a word";
            fail(codeOf(problem), "refuses the lane with status=" + status + ": " + detail);
        }
    }

    private static Optional<Matcher> find(Pattern header, String[] lines) {
        return Arrays.stream(lines).skip(1).map(header::matcher).filter(Matcher::matches).findFirst();
    }

    /** Empty where what answers there is no Hub. */
    private static JsonObject problem(Buffer body) {
        try {
            return body.length() == 0 ? new JsonObject() : new JsonObject(body);
        } catch (DecodeException | ClassCastException notJson) {
            return new JsonObject();
        }
    }

    private static ErrorCode codeOf(JsonObject problem) {
        Object name = problem.getValue("code");
        return Arrays.stream(ErrorCode.values())
                .filter(code -> code.name().equals(name))
                .findFirst()
                .orElse(ErrorCode.AGENT_FAILED);
    }

    private void ended() {
        fail(ErrorCode.AGENT_UNREACHABLE, "closed the connection before it answered");
    }

    private void fail(ErrorCode code, String what) {
        opened.tryFail(new HindsightException(code, "The Hub at " + socket.remoteAddress() + " " + what + "."));
    }
}
