package io.hindsight.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, by address, then time.
 *
 * @param addresses this page
 * @param total all that match
 * @param limit as asked, or the default
 * @param offset as asked, or 0
 * @param incomplete as in {@link WorkloadPage}
 * @param omitted as in {@link WorkloadPage}
 */
public record AddressPage(
        List<HeldAddress> addresses,
        int total,
        int limit,
        int offset,
        @Nullable List<NodeShortfall> incomplete,
        @Nullable Map<String, Long> omitted) {
    public AddressPage {
        addresses = List.copyOf(addresses);
    }
}
