package io.hindsight.launcher.client;

import io.hindsight.api.ClockOffset;
import io.hindsight.launcher.cli.Human;
import org.jspecify.annotations.Nullable;

/** A node's clock offset for people: what is to be added to its times, and how far off that may be. */
final class ClockText {
    private ClockText() {}

    /** {@code +1.50 ms ± 220 µs}; {@code -} where it is not known. */
    static String of(@Nullable ClockOffset clock) {
        return clock == null
                ? "-"
                : (clock.offsetNs() < 0 ? "" : "+")
                        + Human.nanos(clock.offsetNs())
                        + " ± "
                        + Human.nanos(clock.errorNs());
    }
}
