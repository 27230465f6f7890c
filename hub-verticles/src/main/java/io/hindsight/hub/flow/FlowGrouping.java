package io.hindsight.hub.flow;

import io.hindsight.api.FlowGroup;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a row stands for. */
public enum FlowGrouping {
    /** One flow. */
    FLOW {
        @Override
        FlowGroup.Party party(FlowRow row, boolean ofClient) {
            throw new IllegalStateException("A flow is no group.");
        }
    },
    /** All between two topmost owners, pods, or addresses of which nobody knows more. */
    WORKLOAD {
        @Override
        FlowGroup.Party party(FlowRow row, boolean ofClient) {
            return row.workload(ofClient);
        }
    },
    /** All between two namespaces. */
    NAMESPACE {
        @Override
        FlowGroup.Party party(FlowRow row, boolean ofClient) {
            return row.namespace(ofClient);
        }
    };

    /** To which group one end of the flow belongs. */
    abstract FlowGroup.Party party(FlowRow row, boolean ofClient);

    /** As the API writes it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Empty where there is none of this label. */
    public static Optional<FlowGrouping> ofLabel(String label) {
        return Arrays.stream(values()).filter(each -> each.label().equals(label)).findFirst();
    }
}
