package io.hindsight.agent.kubernetes;

import org.jspecify.annotations.Nullable;

/** A state of an object, over the time in which what names resolve by was so. Immutable. */
final class ObjectState {
    private final StateKey key;
    private final String resourceVersion;
    private final byte[] packed;
    private final boolean slim;
    private final int slimLength;
    private final @Nullable Long toNs;

    /**
     * A state.
     *
     * @param key which object, and from when
     * @param resourceVersion of its latest change
     * @param packed the object ({@link ObjectPacker}); not to be changed
     * @param slim whether that is its slim form alone: of states that have ended, and where memory was short
     * @param slimLength bytes of the slim form as JSON
     * @param toNs when it ended, since the epoch; null: it has not
     */
    ObjectState(
            StateKey key, String resourceVersion, byte[] packed, boolean slim, int slimLength, @Nullable Long toNs) {
        this.key = key;
        this.resourceVersion = resourceVersion;
        this.packed = packed;
        this.slim = slim;
        this.slimLength = slimLength;
        this.toNs = toNs;
    }

    StateKey key() {
        return key;
    }

    String resourceVersion() {
        return resourceVersion;
    }

    byte[] packed() {
        return packed;
    }

    boolean slim() {
        return slim;
    }

    int slimLength() {
        return slimLength;
    }

    @Nullable Long toNs() {
        return toNs;
    }

    ObjectState ended(byte[] slimPacked, long whenNs) {
        return new ObjectState(key, resourceVersion, slimPacked, true, slimLength, whenNs);
    }
}
