package io.hindsight.hub.bridge;

import io.hindsight.error.HindsightException;
import io.vertx.core.Future;

/** What carries one program's messages. Used on the bridge's context. */
interface ProgramConnection {
    Dialect dialect();

    /** Writes a message; where more waits than may, the connection ends instead. Done when the program's machine has it. */
    Future<Void> write(String message);

    /** Longest message that it can carry to the program. */
    long maxMessageBytes();

    boolean isFull();

    void onDrain(Runnable ready);

    /** Tells why, and ends. */
    void end(BridgeRefusal cause, HindsightException why);

    /** Ends at once: the program takes nothing. */
    void cut(BridgeRefusal cause, String why);
}
