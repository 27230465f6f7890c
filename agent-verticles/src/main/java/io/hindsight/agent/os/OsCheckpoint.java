package io.hindsight.agent.os;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link OsInventory} found, ready to be recorded.
 *
 * @param timeNs of all its records
 * @param entries BEGIN, what is there, END
 * @param bytes of all of them
 * @param problem what is not in it that should be, a whole sentence; absent where it is whole
 * @param hidden why network namespaces could not be looked into, a whole sentence; absent where all were
 */
record OsCheckpoint(long timeNs, List<byte[]> entries, long bytes, @Nullable String problem, @Nullable String hidden) {}
