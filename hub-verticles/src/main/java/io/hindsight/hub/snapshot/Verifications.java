package io.hindsight.hub.snapshot;

import io.hindsight.api.VerifyReport;
import java.util.Map;

/** What the custody log says of a verification. Stateless. */
final class Verifications {
    private Verifications() {}

    static Map<String, String> details(VerifyReport report) {
        return Map.of(
                "intact", Boolean.toString(report.intact()),
                "merkleRoot", report.merkleRoot(),
                "bytes", Long.toString(report.bytes()),
                "violations", Long.toString(report.violationCount()),
                "first", report.violations().isEmpty() ? "" : report.violations().getFirst().detail());
    }
}
