package io.hindsight.client;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demand of a {@link ReadStream}: begins with the first handler, hands over as many items as are asked for, and ends once, well or with a failure. Methods may be
 * called from any thread; handlers run on the context on which the stream was made, and so does everything of a subclass.
 */
abstract class DemandStream<T> implements ReadStream<T> {
    private static final Logger LOG = LoggerFactory.getLogger(DemandStream.class);

    private final Vertx vertx;
    private final Context context;

    // Of the context.
    private @Nullable Handler<T> handler;
    private @Nullable Handler<Void> endHandler;
    private @Nullable Handler<Throwable> exceptionHandler;
    private long demand = Long.MAX_VALUE;
    private boolean begun;
    private boolean delivering;
    private boolean over;

    DemandStream(Vertx vertx) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
    }

    /** Somebody wants to read. */
    abstract void begin();

    /** Takes the next item that is there; null: none is. */
    abstract @Nullable T next();

    /** Whether nothing comes after what has been taken. */
    abstract boolean isExhausted();

    /** Lets go of everything: the end was told, or nothing more is wanted. Once. */
    abstract void release();

    Vertx vertx() {
        return vertx;
    }

    /** At once where this is the context. */
    void onContext(Runnable step) {
        if (context.equals(Vertx.currentContext())) {
            step.run();
        } else {
            context.runOnContext(now -> step.run());
        }
    }

    boolean isOver() {
        return over;
    }

    @Override
    public ReadStream<T> handler(@Nullable Handler<T> newHandler) {
        onContext(() -> {
            handler = newHandler;
            if (newHandler == null) {
                abandon();
            } else if (!begun && !over) {
                begun = true;
                begin();
            } else {
                deliver();
            }
        });
        return this;
    }

    @Override
    public ReadStream<T> endHandler(@Nullable Handler<Void> newHandler) {
        onContext(() -> endHandler = newHandler);
        return this;
    }

    /** Where there is none, a failure is logged. */
    @Override
    public ReadStream<T> exceptionHandler(@Nullable Handler<Throwable> newHandler) {
        onContext(() -> exceptionHandler = newHandler);
        return this;
    }

    @Override
    public ReadStream<T> pause() {
        onContext(() -> demand = 0);
        return this;
    }

    @Override
    public ReadStream<T> resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<T> fetch(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("amount=" + amount);
        }
        onContext(() -> {
            demand = demand > Long.MAX_VALUE - amount ? Long.MAX_VALUE : demand + amount;
            deliver();
        });
        return this;
    }

    /** Hands over what is there and wanted, then the end. */
    void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        try {
            handOver();
        } finally {
            delivering = false;
        }
        if (!over && isExhausted()) {
            end();
        }
    }

    private void handOver() {
        while (!over && demand > 0) {
            Handler<T> reader = handler;
            T item = reader == null ? null : next();
            if (reader == null || item == null) {
                return;
            }
            if (demand != Long.MAX_VALUE) {
                demand--;
            }
            try {
                reader.handle(item);
            } catch (RuntimeException broken) {
                // Whoever throws has lost the item: nothing of the rest would be whole.
                fail(broken);
            }
        }
    }

    private void end() {
        over = true;
        release();
        if (endHandler != null) {
            endHandler.handle(null);
        }
    }

    /** Ends with a failure. Idempotent. */
    void fail(Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        release();
        if (exceptionHandler == null) {
            LOG.warn("A stream that nobody watches failed: {}", failure.getMessage());
        } else {
            exceptionHandler.handle(failure);
        }
    }

    /** Ends without a word. Idempotent. */
    void abandon() {
        if (!over) {
            over = true;
            release();
        }
    }
}
