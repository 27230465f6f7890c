package io.hindsight.hub.resolve;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Who of several objects of one kind had one address, when. Claims may overlap, because their ends are heard late or never: a pod's address is known some
 * seconds after its first packet, and a deletion perhaps only after an hour without a watch. The rule, in the order in which claims were heard:
 *
 * <ul>
 *   <li>Once it is heard that something has the address, nothing else has it any longer, whether its end was heard of or not, and does not get it back.
 *   <li>Before that, back to when it began, it has the address from the end of the one before it on.
 * </ul>
 */
final class AddressTimeline {
    /** The object had the address; disjoint from all others of the address. */
    static final class Span {
        final ObjectHistory object;
        final long fromNs;
        long toNs;

        private Span(ObjectHistory object, long fromNs, long toNs) {
            this.object = object;
            this.fromNs = fromNs;
            this.toNs = toNs;
        }
    }

    private final List<Span> spans = new ArrayList<>(2);

    private AddressTimeline() {}

    /** Spans in ascending order. */
    static List<Span> of(List<AddressClaim> claims) {
        AddressTimeline timeline = new AddressTimeline();
        claims.stream()
                .sorted(
                        Comparator.comparingLong((AddressClaim claim) -> claim.heardNs)
                                .thenComparingLong(claim -> claim.fromNs))
                .forEach(timeline::add);
        return timeline.spans;
    }

    private void add(AddressClaim claim) {
        long fromNs = claim.fromNs;
        while (!spans.isEmpty()) {
            Span last = spans.getLast();
            if (last.object.isSame(claim.object) && fromNs <= last.toNs) {
                // Two recorders told of it.
                last.toNs = Math.max(last.toNs, claim.toNs);
                return;
            }
            fromNs = Math.max(claim.fromNs, Math.min(last.toNs, claim.heardNs));
            last.toNs = Math.min(last.toNs, fromNs);
            if (last.toNs > last.fromNs) {
                break;
            }
            spans.removeLast();
            fromNs = claim.fromNs;
        }
        if (claim.toNs > fromNs) {
            spans.add(new Span(claim.object, fromNs, claim.toNs));
        }
    }
}
