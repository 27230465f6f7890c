package io.hindsight.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Netty's own leak detection, at its most suspicious, for buffers made after {@link #watch}: a buffer that the garbage collector finds before it was released
 * is a leak. One test at a time.
 */
public final class NettyLeaks {
    private static final int ROUNDS = 5;
    private static final int BUFFERS_PER_ROUND = 200;

    private final List<String> found = new CopyOnWriteArrayList<>();
    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();

    private NettyLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        detector().setLeakListener((resource, records) -> found.add(resource + ": " + records));
    }

    /** Starts to watch. */
    public static NettyLeaks watch() {
        return new NettyLeaks();
    }

    /** Ends watching; fails where something leaked. */
    public void assertNone() {
        for (int round = 0; round < ROUNDS && found.isEmpty(); round++) {
            System.gc();
            // Netty looks at what the collector found when it makes a buffer.
            for (int buffer = 0; buffer < BUFFERS_PER_ROUND; buffer++) {
                PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
            }
        }
        detector().setLeakListener(null);
        ResourceLeakDetector.setLevel(before);
        assertThat(found).as("buffers that were never released").isEmpty();
    }

    private static ResourceLeakDetector<?> detector() {
        try {
            Field field = Class.forName("io.netty.buffer.AbstractByteBuf").getDeclaredField("leakDetector");
            field.setAccessible(true);
            return (ResourceLeakDetector<?>) field.get(null);
        } catch (ReflectiveOperationException changed) {
            throw new LinkageError("Netty keeps its detector for " + ByteBuf.class + " elsewhere now.", changed);
        }
    }
}
