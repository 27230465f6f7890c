package io.hindsight.hub.http;

import io.hindsight.config.ConfigProblems;
import java.time.Duration;

/**
 * Every bound of the HTTP side. What lies beyond is refused with the status named here, counted, and disturbs nobody else.
 *
 * @param maxBodyBytes of a request body: 413
 * @param maxHeaderBytes of all header lines of a request: 431
 * @param maxUriBytes of the request line: 414
 * @param maxConnections open at once; more are closed as they come
 * @param idleTimeout a connection without a request under way is closed after this: also one whose request head trickles in
 * @param bodyTimeout from a request's head to the end of its body: 408
 * @param maxExports exports under way at once: 429
 * @param maxEventClients readers of {@code /events} at once: 429
 * @param eventInterval between two writes to a reader of events: at most 10 a second
 * @param maxPendingEvents subjects with news that wait for a slow reader; beyond, the oldest news is dropped and counted
 * @param pingInterval between signs of life on event streams
 * @param stallTimeout a reader that takes nothing for this long is disconnected
 * @param busTimeout for an answer of the rest of the Hub: 504
 * @param verifyTimeout the same for a verification
 * @param maxAuthenticating requests that wait to be told who holds their token: 429
 * @param authenticationTimeout for an authenticator's answer: 503
 */
public record HttpLimits(
        int maxBodyBytes,
        int maxHeaderBytes,
        int maxUriBytes,
        int maxConnections,
        Duration idleTimeout,
        Duration bodyTimeout,
        int maxExports,
        int maxEventClients,
        Duration eventInterval,
        int maxPendingEvents,
        Duration pingInterval,
        Duration stallTimeout,
        Duration busTimeout,
        Duration verifyTimeout,
        int maxAuthenticating,
        Duration authenticationTimeout) {
    /** What holds where nothing else is said. */
    public static final HttpLimits DEFAULTS =
            new HttpLimits(
                    1 << 20,
                    16 << 10,
                    16 << 10,
                    1_000,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30),
                    8,
                    100,
                    Duration.ofMillis(100),
                    10_000,
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30),
                    Duration.ofHours(12),
                    500,
                    Duration.ofSeconds(10));

    public HttpLimits {
        new ConfigProblems("HTTP limits")
                .check(maxBodyBytes > 0, "maxBodyBytes", "is at least 1, got " + maxBodyBytes)
                .check(maxHeaderBytes > 0, "maxHeaderBytes", "is at least 1, got " + maxHeaderBytes)
                .check(maxUriBytes > 0, "maxUriBytes", "is at least 1, got " + maxUriBytes)
                .check(maxConnections > 0, "maxConnections", "is at least 1, got " + maxConnections)
                .check(maxExports > 0, "maxExports", "is at least 1, got " + maxExports)
                .check(maxEventClients > 0, "maxEventClients", "is at least 1, got " + maxEventClients)
                .check(maxPendingEvents > 0, "maxPendingEvents", "is at least 1, got " + maxPendingEvents)
                .check(maxAuthenticating > 0, "maxAuthenticating", "is at least 1, got " + maxAuthenticating)
                .throwIfAny();
    }

    /** The same with other bounds on concurrent work. */
    public HttpLimits withConcurrency(int connections, int exports, int eventClients) {
        return new HttpLimits(
                maxBodyBytes,
                maxHeaderBytes,
                maxUriBytes,
                connections,
                idleTimeout,
                bodyTimeout,
                exports,
                eventClients,
                eventInterval,
                maxPendingEvents,
                pingInterval,
                stallTimeout,
                busTimeout,
                verifyTimeout,
                maxAuthenticating,
                authenticationTimeout);
    }

    /** The same with other times. */
    public HttpLimits withTimes(Duration idle, Duration body, Duration ping, Duration stall) {
        return new HttpLimits(
                maxBodyBytes,
                maxHeaderBytes,
                maxUriBytes,
                maxConnections,
                idle,
                body,
                maxExports,
                maxEventClients,
                eventInterval,
                maxPendingEvents,
                ping,
                stall,
                busTimeout,
                verifyTimeout,
                maxAuthenticating,
                authenticationTimeout);
    }

    /** The same with other bounds on asking who somebody is. */
    public HttpLimits withAuthentication(int waiting, Duration timeout) {
        return new HttpLimits(
                maxBodyBytes,
                maxHeaderBytes,
                maxUriBytes,
                maxConnections,
                idleTimeout,
                bodyTimeout,
                maxExports,
                maxEventClients,
                eventInterval,
                maxPendingEvents,
                pingInterval,
                stallTimeout,
                busTimeout,
                verifyTimeout,
                waiting,
                timeout);
    }
}
