package io.hindsight.bus;

import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The codecs that chunks take. */
public final class BusCodecs {
    private static final Logger LOG = LoggerFactory.getLogger(BusCodecs.class);

    private BusCodecs() {}

    /** Lets this bus carry chunks, by reference and in pieces, where it cannot yet. */
    public static void register(EventBus bus) {
        register(bus, new ChunkCodec());
        register(bus, new ChunkPieceCodec());
    }

    private static void register(EventBus bus, MessageCodec<?, ?> codec) {
        try {
            bus.registerCodec(codec);
        } catch (IllegalStateException already) {
            LOG.trace("The codec {} is known.", codec.name());
        }
    }
}
