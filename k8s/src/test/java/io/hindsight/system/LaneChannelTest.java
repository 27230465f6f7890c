package io.hindsight.system;

import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClientOptions;

/** Over TCP as it is. */
class LaneChannelTest extends LaneContract {
    LaneChannelTest() {
        super(new Ends(new HttpServerOptions(), new NetClientOptions()));
    }
}
