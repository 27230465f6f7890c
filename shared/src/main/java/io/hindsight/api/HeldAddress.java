package io.hindsight.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An address, and who had it over an interval; {@code GET /snapshots/{id}/ips} and {@code /ips}.
 *
 * @param address numeric
 * @param from since when; absent: since before anything is known
 * @param to until when; absent: it still has it, as far as is known
 * @param holder who; its own interval may be longer
 */
public record HeldAddress(String address, @Nullable Instant from, @Nullable Instant to, Workload holder) {}
