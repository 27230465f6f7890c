package io.hindsight.agent.filter;

import io.hindsight.agent.capture.CaptureFilter;
import org.jspecify.annotations.Nullable;

/**
 * What should be recorded now. Immutable.
 *
 * @param filter for the packet source
 * @param pods whose addresses are in it
 * @param problem why it is not what the policy asks for, whole sentences
 */
record WantedCapture(CaptureFilter filter, int pods, @Nullable String problem) {
    WantedCapture with(CaptureFilter other, int otherPods, String furtherProblem) {
        return new WantedCapture(other, otherPods, problem == null ? furtherProblem : problem + " " + furtherProblem);
    }
}
