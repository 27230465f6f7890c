package io.hindsight.agent.os;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that keeps what was used last, up to a bound. Not thread-safe. */
final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;
    private static final float LOAD_FACTOR = 0.75f;

    private final int limit;

    Recent(int limit) {
        super(16, LOAD_FACTOR, true);
        this.limit = limit;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > limit;
    }
}
