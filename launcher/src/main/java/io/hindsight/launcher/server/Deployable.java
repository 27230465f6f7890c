package io.hindsight.launcher.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;

/** What is deployed in one process. */
interface Deployable {
    /** On which it is deployed. */
    Vertx vertx();

    /**
     * Deploys everything, in an order in which each part finds what it needs.
     *
     * @return where the Hub's API is, in this process or elsewhere
     */
    Future<URI> start();

    /** Ends what the verticles do not end themselves when their Vert.x closes. */
    default void close() {}
}
