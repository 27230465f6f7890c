package io.hindsight.hub.read;

import io.hindsight.hub.testing.HubClientContract;
import io.hindsight.hub.testing.TestHub;
import io.vertx.core.Vertx;

/** A program in the Hub's own Vert.x: chunks come by reference. */
class EmbeddedHubClientTest extends HubClientContract {
    @Override
    protected Vertx join(TestHub joined) {
        return joined.vertx();
    }
}
