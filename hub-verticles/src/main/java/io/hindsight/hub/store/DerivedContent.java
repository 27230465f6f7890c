package io.hindsight.hub.store;

import java.io.IOException;
import java.io.OutputStream;

/** The bytes of a derived file, written one after the other; used once. */
@FunctionalInterface
public interface DerivedContent {
    /** Writes them all. The stream takes at most {@link DerivedFile#MAX_LENGTH} of them, and may be closed or not. */
    void writeTo(OutputStream out) throws IOException;
}
