package io.hindsight.hub.http;

import java.io.Serial;

/** A refusal by HTTP's own rules, whose status no {@link io.hindsight.error.ErrorCode} has. */
final class ProblemException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    Problem problem() {
        return problem;
    }
}
