package io.hindsight.agent.capture;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a source has done since it started.
 *
 * @param packets handed to sinks
 * @param bytes captured bytes handed to sinks
 * @param kernelDrops lost in the kernel for want of room
 * @param running whether every capture thread is alive and its socket open
 * @param failure why not, whole sentence, or null
 * @param finished whether there is nothing more to come: the end of a replay
 * @param interfaces every interface that exists now and is recorded from
 */
public record SourceCounters(
        long packets,
        long bytes,
        long kernelDrops,
        boolean running,
        @Nullable String failure,
        boolean finished,
        List<CaptureInterface> interfaces) {
    public SourceCounters {
        interfaces = List.copyOf(interfaces);
    }
}
