package io.hindsight.hub.capture;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CaptureState;
import io.hindsight.api.NodeCapture;
import io.hindsight.chunk.NodeId;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One node that records packets: what it says it follows, and how telling it goes. {@link CaptureOrders}' context only. */
final class Follower {
    /** Characters of a text of the node's that are kept. */
    static final int MAX_TEXT_LENGTH = 2_048;

    private final NodeId node;
    private String instance = "";
    private @Nullable NodeCapture capture;

    /** It is to be told whatever it says: it has come anew, or the Hub is reached elsewhere. */
    private boolean unasked = true;

    private boolean underWay;
    private int failures;
    private long notBeforeNs = System.nanoTime();
    private @Nullable String problem;

    Follower(NodeId node) {
        this.node = node;
    }

    NodeId node() {
        return node;
    }

    /** Takes a heartbeat's word; whether that is news. */
    boolean heard(String ofInstance, @Nullable NodeCapture says) {
        if (!ofInstance.equals(instance)) {
            instance = ofInstance;
            tellAnew();
        }
        return says(says);
    }

    private boolean says(@Nullable NodeCapture says) {
        NodeCapture kept = says == null ? null : cut(says);
        boolean isNews = !Objects.equals(kept, capture);
        capture = kept;
        return isNews;
    }

    private static NodeCapture cut(NodeCapture says) {
        return new NodeCapture(
                says.revision(),
                cut(says.expression()),
                says.pods(),
                says.problem() == null ? null : cut(says.problem()));
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + "…";
    }

    /** It is not heard of any more; whatever comes back is told. */
    void lost() {
        instance = "";
    }

    /** At once, and whatever it says. */
    void tellAnew() {
        unasked = true;
        failures = 0;
        notBeforeNs = System.nanoTime();
    }

    /** Whether an order may go now. */
    boolean isDue(CaptureState state, long nowNs) {
        return !underWay && nowNs - notBeforeNs >= 0 && (unasked || !follows(state));
    }

    private boolean follows(CaptureState state) {
        return capture != null && capture.revision() == state.revision();
    }

    /** An order goes. */
    void ordered(CaptureTimings timings) {
        underWay = true;
        unasked = false;
        notBeforeNs = System.nanoTime() + timings.pauseNs(1);
    }

    /** The agent has taken the order. */
    void answered(NodeCapture says) {
        underWay = false;
        failures = 0;
        problem = null;
        says(says);
    }

    /** It has not; whether that is the first time in a row. */
    boolean failed(String why, CaptureTimings timings) {
        underWay = false;
        failures++;
        notBeforeNs = Math.max(notBeforeNs, System.nanoTime() + timings.pauseNs(failures));
        unasked = true;
        boolean isFirst = problem == null;
        problem = cut(why);
        return isFirst;
    }

    boolean hasProblem() {
        return problem != null;
    }

    CaptureOverview.Node show(CaptureState state, boolean reachable) {
        return new CaptureOverview.Node(node.name(), reachable, follows(state), capture, problem);
    }
}
