package io.hindsight.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {
    /** Users program against these. A line may be added, never changed. */
    private static final String STABLE =
            """
            1 INVALID_REQUEST 400 CALLER
            2 INVALID_WINDOW 400 CALLER
            3 INVALID_FILTER 400 CALLER
            4 UNAUTHENTICATED 401 CALLER
            5 FORBIDDEN 403 CALLER
            6 NOT_FOUND 404 CALLER
            7 SNAPSHOT_NOT_FOUND 404 CALLER
            8 UNKNOWN_NODE 404 CALLER
            9 METHOD_NOT_ALLOWED 405 CALLER
            10 WRONG_STATE 409 CALLER
            11 IDEMPOTENCY_CONFLICT 409 CALLER
            12 EMPTY_WINDOW 409 CALLER
            13 PAYLOAD_TOO_LARGE 413 CALLER
            14 UNSUPPORTED_MEDIA_TYPE 415 CALLER
            15 RANGE_NOT_SATISFIABLE 416 CALLER
            16 TOO_MANY_REQUESTS 429 RESOURCE retryable
            17 INSUFFICIENT_STORAGE 507 RESOURCE retryable
            18 AGENT_UNREACHABLE 503 RESOURCE retryable
            19 AGENT_FAILED 502 RESOURCE retryable
            20 NOT_READY 503 RESOURCE retryable
            21 TIMED_OUT 504 RESOURCE retryable
            22 INTEGRITY_VIOLATED 500 INTERNAL
            23 IO_FAILED 500 INTERNAL
            24 MISSING_PRIVILEGE 500 RESOURCE
            25 INVALID_CONFIGURATION 500 CALLER
            26 CANCELLED 409 CALLER
            27 INTERNAL 500 INTERNAL
            28 INCOMPLETE 502 RESOURCE retryable
            29 NODE_CONFLICT 409 CALLER retryable
            30 VERSION_MISMATCH 400 CALLER
            31 UNSUPPORTED_PLATFORM 500 RESOURCE
            32 SNAPSHOT_LOCKED 423 CALLER
            33 UPSTREAM_UNREACHABLE 503 RESOURCE retryable
            """;

    @Test
    void shouldKeepEveryNumberAndMeaning() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCodeTest::line))
                .containsExactlyElementsOf(STABLE.lines().toList());
    }

    @Test
    void shouldFindEachCodeByItsNumber() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ErrorCode.ofNumber(code.number())).contains(code);
        }
        assertThat(ErrorCode.ofNumber(-1)).isEmpty();
        assertThat(ErrorCode.ofNumber(10_000)).isEmpty();
    }

    @Test
    void shouldCarryAStackTraceOnlyWhereTheProgramMayBeAtFault() {
        assertThat(new HindsightException(ErrorCode.INVALID_REQUEST, "x").getStackTrace()).isEmpty();
        assertThat(new HindsightException(ErrorCode.INTERNAL, "x").getStackTrace()).isNotEmpty();
    }

    private static String line(ErrorCode code) {
        return "%d %s %d %s%s"
                .formatted(
                        code.number(), code, code.httpStatus(), code.category(), code.retryable() ? " retryable" : "");
    }
}
