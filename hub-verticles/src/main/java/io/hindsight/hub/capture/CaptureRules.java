package io.hindsight.hub.capture;

import io.hindsight.api.CapturePolicy;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.resolve.NamePattern;
import java.util.Locale;

/** What a policy must be. Stateless. */
final class CaptureRules {
    private static final int LINK_TYPE_ETHERNET = 1;

    private CaptureRules() {}

    /**
     * The policy within its bounds, its regular expression tried.
     *
     * @throws HindsightException INVALID_REQUEST naming the field
     */
    static CapturePolicy checked(CapturePolicy policy) {
        CapturePolicy checked = policy.checked();
        if (checked.regex() != null) {
            NamePattern.of(checked.regex(), "regex", CapturePolicy.MAX_REGEX_LENGTH);
        }
        return checked;
    }

    /**
     * The same, its BPF expression tried too. Blocks: libpcap may ask the resolver for a host's name.
     *
     * @throws HindsightException INVALID_REQUEST, or INVALID_FILTER with libpcap's words, naming the field; IO_FAILED where this machine has no libpcap
     */
    static CapturePolicy compiled(CapturePolicy policy) {
        CapturePolicy checked = checked(policy);
        if (checked.bpfOverride() != null) {
            compile(checked.bpfOverride());
        }
        return checked;
    }

    private static void compile(String expression) {
        try {
            BpfProgram.compile(expression, LINK_TYPE_ETHERNET, 0);
        } catch (HindsightException refused) {
            throw refused.code() == ErrorCode.INVALID_FILTER
                    ? HindsightException.ofField(
                            ErrorCode.INVALID_FILTER, "bpfOverride", String.valueOf(refused.getMessage()))
                    : refused;
        }
    }

    /**
     * As {@link #compiled}, of the Hub's settings.
     *
     * @throws HindsightException INVALID_CONFIGURATION naming the setting
     */
    static CapturePolicy ofSettings(CapturePolicy settings) {
        try {
            return compiled(settings);
        } catch (HindsightException refused) {
            throw new HindsightException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The hub configuration cannot be used: "
                            + setting(refused)
                            + ", of what the nodes record: "
                            + refused.getMessage(),
                    refused);
        }
    }

    /** {@code bpf-override} for {@code bpfOverride}. */
    private static String setting(HindsightException refused) {
        String field = refused.field();
        return field == null ? "a setting" : field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
