package io.hindsight.hub.capture;

import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.api.CustodyAction;
import io.hindsight.api.CustodyEvent;
import io.hindsight.api.CustodyOutcome;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.snapshot.Requester;
import io.hindsight.hub.store.Digest;
import io.hindsight.json.JsonMapping;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the custody log says of a change. Texts of a line are cut at {@code CustodyLine.MAX_TEXT_LENGTH}; the SHA-256 of the whole policy's JSON, {@code sha256}, tells
 * policies apart that are the same up to there. Stateless.
 */
final class CaptureCustody {
    private CaptureCustody() {}

    /** A change that was made, or is about to be. */
    static CustodyEvent changed(
            Requester who, CustodyOutcome outcome, CaptureState before, CaptureState after, @Nullable String code) {
        Map<String, String> details = new TreeMap<>();
        details.put("revision", Long.toString(after.revision()));
        details.put("sha256", digest(after.policy()));
        details.put("beforeRevision", Long.toString(before.revision()));
        put(details, "before.", before.policy());
        put(details, "", after.policy());
        return event(who, outcome, code, details);
    }

    /** One that was refused. */
    static CustodyEvent refused(Requester who, CapturePolicy asked, HindsightException why) {
        Map<String, String> details = new TreeMap<>();
        details.put("reason", String.valueOf(why.getMessage()));
        put(details, "", asked);
        return event(who, CustodyOutcome.REFUSED, why.code().name(), details);
    }

    /** What was remembered could not be used. */
    static CustodyEvent forgotten(Requester who, CaptureState after, HindsightException why) {
        Map<String, String> details = new TreeMap<>();
        details.put("reason", String.valueOf(why.getMessage()));
        details.put("revision", Long.toString(after.revision()));
        put(details, "", after.policy());
        return event(who, CustodyOutcome.DONE, why.code().name(), details);
    }

    private static CustodyEvent event(
            Requester who, CustodyOutcome outcome, @Nullable String code, Map<String, String> details) {
        return new CustodyEvent(CustodyAction.CAPTURE, null, null, who.who(), who.from(), outcome, code, details);
    }

    /** Only what is set. */
    private static void put(Map<String, String> details, String prefix, CapturePolicy policy) {
        put(details, prefix + "regex", policy.regex());
        put(details, prefix + "namespaces", list(policy.namespaces()));
        put(details, prefix + "excludedNamespaces", list(policy.excludedNamespaces()));
        put(details, prefix + "bpfOverride", policy.bpfOverride());
        put(details, prefix + "ownTraffic", policy.ownTraffic() ? "true" : null);
    }

    private static @Nullable String list(List<String> names) {
        return names.isEmpty() ? null : String.join(",", names);
    }

    private static void put(Map<String, String> details, String name, @Nullable String value) {
        if (value != null) {
            details.put(name, value);
        }
    }

    private static String digest(CapturePolicy policy) {
        return Digest.ofContent(JsonMapping.toJson(policy).encode().getBytes(StandardCharsets.UTF_8)).hex();
    }
}
