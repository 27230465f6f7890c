package io.hindsight.agent.filter;

import io.hindsight.agent.capture.CaptureFilter.TcpEndpoint;
import io.hindsight.agent.capture.IpAddress;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.CaptureState;
import io.hindsight.bus.CaptureOrder;
import io.hindsight.bus.CaptureOrder.OwnEndpoint;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** An order that keeps its bounds, with what was read from its texts. Immutable. */
final class CheckedOrder {
    /** Characters of the name of who changed the policy. */
    static final int MAX_NAME_CHARS = 1_024;

    private static final int GREATEST_PORT = 65_535;

    private final CaptureOrder order;
    private final PodSelector selector;
    private final Set<TcpEndpoint> own;
    private final int ownLeftOut;

    private CheckedOrder(CaptureOrder order, PodSelector selector, Set<TcpEndpoint> own, int ownLeftOut) {
        this.order = order;
        this.selector = selector;
        this.own = Set.copyOf(own);
        this.ownLeftOut = ownLeftOut;
    }

    /** Reads an order; INVALID_REQUEST naming the field that breaks a bound. Whether BPF can be compiled is not looked at. */
    static CheckedOrder of(CaptureOrder order) {
        CaptureState state = order.state();
        if (state.changedBy().length() > MAX_NAME_CHARS) {
            throw refused("changedBy", "has length=" + state.changedBy().length() + ", limit=" + MAX_NAME_CHARS);
        }
        CapturePolicy policy = state.policy().checked();
        List<OwnEndpoint> taken = order.own().stream().limit(CaptureOrder.MAX_OWN).toList();
        Set<TcpEndpoint> own = new LinkedHashSet<>();
        taken.forEach(endpoint -> own.add(endpoint(endpoint)));
        CaptureState checked = new CaptureState(state.revision(), policy, state.changedBy(), state.changedAt());
        return new CheckedOrder(
                new CaptureOrder(checked, taken), new PodSelector(policy), own, order.own().size() - taken.size());
    }

    private static TcpEndpoint endpoint(OwnEndpoint told) {
        if (told.port() < 1 || told.port() > GREATEST_PORT) {
            throw refused("own", "names port=" + told.port() + ", which is none of TCP");
        }
        return new TcpEndpoint(
                IpAddress.parse(told.address())
                        .orElseThrow(() -> refused("own", "holds an address that is neither IPv4 nor IPv6")),
                told.port());
    }

    private static HindsightException refused(String field, String why) {
        return HindsightException.ofField(ErrorCode.INVALID_REQUEST, field, "An order's " + field + " " + why + ".");
    }

    /** The order within its bounds. */
    CaptureOrder order() {
        return order;
    }

    CaptureState state() {
        return order.state();
    }

    CapturePolicy policy() {
        return order.state().policy();
    }

    PodSelector selector() {
        return selector;
    }

    /** Where the Hub is reached. */
    Set<TcpEndpoint> own() {
        return own;
    }

    /** Endpoints beyond the limit. */
    int ownLeftOut() {
        return ownLeftOut;
    }
}
