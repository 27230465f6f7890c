package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.HardwareTypes;
import org.jspecify.annotations.Nullable;

/**
 * What the capture loop needs to know of an interface. Immutable.
 *
 * @param link as the kernel describes it
 * @param captured as the sinks know it, or null where it is not recorded from
 * @param ethernet whether an 802.1Q tag that the kernel took out can be put back
 */
record LinkEntry(Link link, @Nullable CaptureInterface captured, boolean ethernet) {
    static LinkEntry of(Link link, @Nullable CaptureInterface captured) {
        return new LinkEntry(
                link, captured, HardwareTypes.linkType(link.hardwareType()) == HardwareTypes.LINK_TYPE_ETHERNET);
    }
}
