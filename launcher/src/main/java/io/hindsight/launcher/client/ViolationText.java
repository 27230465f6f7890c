package io.hindsight.launcher.client;

import io.hindsight.api.Violation;
import org.jspecify.annotations.Nullable;

/** A violation for people, in one line. */
final class ViolationText {
    private ViolationText() {}

    static String of(Violation violation) {
        return violation.file()
                + value(" chunk ", violation.chunk())
                + value(" offset ", violation.offset())
                + value(" bytes ", violation.bytes())
                + value(" sequence ", violation.sequence())
                + value(" writer ", violation.writer())
                + value(" field ", violation.field())
                + ": "
                + violation.kind()
                + ": "
                + violation.detail();
    }

    private static String value(String name, @Nullable Object value) {
        return value == null ? "" : name + value;
    }
}
