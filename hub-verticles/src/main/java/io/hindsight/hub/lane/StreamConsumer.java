package io.hindsight.hub.lane;

import io.hindsight.chunk.Chunk;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.impl.MessageConsumerImpl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a stream's messages off the bus, of all its members where it is clustered, so that no chunk is lost without being given back: Vert.x discards what is under way to a consumer that
 * has unregistered meanwhile, and with each such chunk its room in {@link LaneMemory} would be gone for good.
 */
public final class StreamConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(StreamConsumer.class);

    private StreamConsumer() {}

    /** A consumer on the caller's context; {@code handler} owns the chunks that it is given. */
    public static MessageConsumer<Object> register(Vertx vertx, String address, Handler<Message<Object>> handler) {
        MessageConsumer<Object> consumer = vertx.eventBus().consumer(address);
        ((MessageConsumerImpl<Object>) consumer).discardHandler(StreamConsumer::discard);
        return consumer.handler(handler);
    }

    private static void discard(Message<Object> late) {
        LOG.debug("A message came too late for address={}.", late.address());
        if (late.body() instanceof Chunk chunk) {
            chunk.release();
        }
    }
}
