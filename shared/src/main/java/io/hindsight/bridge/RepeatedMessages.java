package io.hindsight.bridge;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What is said again and again: each message at once when it is new, then once a minute with the number of times. One that did not come for
 * a minute is new again. Bounded: of more messages than {@value #MAX_MESSAGES} the oldest is forgotten. Not thread-safe.
 */
public final class RepeatedMessages {
    static final int MAX_MESSAGES = 16;
    static final long INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

    private final Map<String, Said> messages = new LinkedHashMap<>();

    private static final class Said {
        long lastNs;
        long times;
    }

    /**
     * Notes a message.
     *
     * @param nowNs {@link System#nanoTime()}
     * @return how often it came since it was last due, this time included, where it is due now; else 0
     */
    public long due(String message, long nowNs) {
        Said said = messages.get(message);
        if (said == null) {
            makeRoom();
            Said first = new Said();
            first.lastNs = nowNs;
            messages.put(message, first);
            return 1;
        }
        said.times++;
        if (nowNs - said.lastNs < INTERVAL_NS) {
            return 0;
        }
        long times = said.times;
        said.lastNs = nowNs;
        said.times = 0;
        return times;
    }

    private void makeRoom() {
        if (messages.size() == MAX_MESSAGES) {
            Iterator<String> oldest = messages.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }
}
