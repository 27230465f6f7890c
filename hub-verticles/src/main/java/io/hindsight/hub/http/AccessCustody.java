package io.hindsight.hub.http;

import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.bus.CustodyCall;
import io.hindsight.bus.LinkProtocol;
import io.hindsight.error.ErrorCode;
import io.hindsight.hub.bridge.BusOperations;
import io.hindsight.json.JsonMapping;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that were not allowed, in the custody log. Anybody who reaches the port can cause them, and the log is never thinned out: the same refusal of the same
 * caller is recorded once in ten minutes, and ten lines a minute at most; the next line says how many were passed over. Agents that do not get in are the business of
 * links. One context.
 */
final class AccessCustody {
    static final int MAX_REMEMBERED = 1_000;
    static final int MAX_LINES_A_MINUTE = 10;
    static final Duration QUIET_FOR = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(AccessCustody.class);
    private static final long MINUTE_NS = Duration.ofMinutes(1).toNanos();
    private static final Set<ErrorCode> CODES = Set.of(ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED);
    private static final Set<String> AGENT_PATHS = Set.of(LinkProtocol.LINK_PATH, LinkProtocol.LANE_PATH);
    private static final Pattern SNAPSHOT_PATH = Pattern.compile("/api/v1/snapshots/([a-z0-9][a-z0-9-]{0,63})(?:/.*)?");

    private static final Pattern SNAPSHOT_ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    private final BusClient hub;

    /** When each refusal was last recorded, the oldest first. */
    private final Map<String, Long> recordedNs = new LinkedHashMap<>();

    private long minuteNs = System.nanoTime();
    private int linesThisMinute;
    private long passedOver;

    AccessCustody(BusClient hub) {
        this.hub = hub;
    }

    /** Takes every problem that is answered. */
    void answered(RoutingContext context, Problem problem) {
        String path = String.valueOf(context.request().path());
        if (!CODES.contains(problem.code()) || AGENT_PATHS.contains(path)) {
            return;
        }
        String who = problem.code() == ErrorCode.UNAUTHENTICATED ? "anonymous" : AuthenticationCheck.caller(context);
        String method = context.request().method().name();
        Matcher snapshot = SNAPSHOT_PATH.matcher(path);
        refused(
                problem.code(),
                who,
                BusClient.address(context),
                snapshot.matches() ? snapshot.group(1) : null,
                Map.of("method", method, "path", path));
    }

    /** A message of a program at the bridge. */
    void refused(BusOperations.Refused refused) {
        refused(
                refused.code(),
                refused.who(),
                refused.from(),
                SNAPSHOT_ID.matcher(refused.id()).matches() ? refused.id() : null,
                Map.of("method", refused.what(), "address", refused.address(), "action", refused.action()));
    }

    /** {@code details} with what it was, the method among them. */
    private void refused(
            ErrorCode code, String who, @Nullable String from, @Nullable String snapshot, Map<String, String> details) {
        if (isDue(code + " " + who + " " + from + " " + details.get("method"), System.nanoTime())) {
            record(event(code, who, from, snapshot, details));
        } else {
            passedOver++;
        }
    }

    private boolean isDue(String refusal, long nowNs) {
        if (nowNs - minuteNs > MINUTE_NS) {
            minuteNs = nowNs;
            linesThisMinute = 0;
        }
        Long before = recordedNs.get(refusal);
        if (linesThisMinute >= MAX_LINES_A_MINUTE || (before != null && nowNs - before < QUIET_FOR.toNanos())) {
            return false;
        }
        linesThisMinute++;
        recordedNs.remove(refusal);
        recordedNs.put(refusal, nowNs);
        if (recordedNs.size() > MAX_REMEMBERED) {
            recordedNs.remove(recordedNs.keySet().iterator().next());
        }
        return true;
    }

    private CustodyEvent event(
            ErrorCode code, String who, @Nullable String from, @Nullable String snapshot, Map<String, String> refused) {
        Map<String, String> details = new HashMap<>(refused);
        if (passedOver > 0) {
            details.put("passedOver", Long.toString(passedOver));
            passedOver = 0;
        }
        return new CustodyEvent(
                CustodyAction.ACCESS, snapshot, null, who, from, CustodyOutcome.REFUSED, code.name(), details);
    }

    private void record(CustodyEvent event) {
        hub.custody(CustodyCall.RECORD, JsonMapping.toJson(event))
                .onFailure(lost -> LOG.warn("A refusal is not recorded: {}: {}", event, lost.getMessage()));
    }
}
