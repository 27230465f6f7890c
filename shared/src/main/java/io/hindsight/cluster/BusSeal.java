package io.hindsight.cluster;

import io.vertx.core.eventbus.DeliveryContext;
import io.vertx.core.eventbus.EventBus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks every message with a digest of the secret, and delivers none without it: a certificate alone opens a connection to the bus, and that is all. The mark
 * is taken off before anybody sees the message, so that it never leaves the cluster with it. Thread-safe.
 */
final class BusSeal {
    static final String MARK_HEADER = "hindsight-seal";

    private static final Logger LOG = LoggerFactory.getLogger(BusSeal.class);
    private static final byte[] PURPOSE = "hindsight cluster bus 1".getBytes(StandardCharsets.UTF_8);

    private final String mark;
    private final byte[] markBytes;
    private final AtomicLong refused = new AtomicLong();

    BusSeal(Secret secret) {
        this.mark = Base64.getUrlEncoder().withoutPadding().encodeToString(secret.digest(PURPOSE));
        this.markBytes = mark.getBytes(StandardCharsets.US_ASCII);
    }

    void seal(EventBus bus) {
        bus.addOutboundInterceptor(this::leaves);
        require(bus);
    }

    /** Without marking what leaves. */
    void require(EventBus bus) {
        bus.addInboundInterceptor(this::arrives);
    }

    private void leaves(DeliveryContext<Object> delivery) {
        delivery.message().headers().set(MARK_HEADER, mark);
        delivery.next();
    }

    private void arrives(DeliveryContext<Object> delivery) {
        String shown = delivery.message().headers().get(MARK_HEADER);
        if (shown != null && MessageDigest.isEqual(markBytes, shown.getBytes(StandardCharsets.US_ASCII))) {
            delivery.message().headers().remove(MARK_HEADER);
            delivery.next();
        } else if (refused.getAndIncrement() == 0) {
            LOG.warn(
                    "cluster: a message to address={} came without the secret's mark, and was dropped. Further ones are only counted.",
                    delivery.message().address());
        }
    }

    /** Messages that were dropped. */
    long refusedCount() {
        return refused.get();
    }
}
