package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.HardwareTypes;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which of the present interfaces are recorded from: what the kernel's filter is made of. Immutable.
 *
 * @param every whether all are, the ones to come included
 * @param indexes those recorded from, ascending
 * @param highestIndex the highest index of any interface seen so far: one above it is new, and not yet known to be wanted or not
 * @param hardwareTypes of those recorded from
 * @param liveEthernet the name of an Ethernet-like interface that is up, or empty where none is
 */
record LinkSelection(
        boolean every, List<Integer> indexes, int highestIndex, Set<Integer> hardwareTypes, String liveEthernet) {
    LinkSelection {
        indexes = List.copyOf(indexes);
        hardwareTypes = Set.copyOf(hardwareTypes);
    }

    static LinkSelection of(boolean every, Collection<LinkEntry> present, int highestIndex) {
        List<LinkEntry> captured = present.stream().filter(entry -> entry.captured() != null).toList();
        return new LinkSelection(
                every,
                List.copyOf(
                        captured.stream()
                                .map(entry -> entry.link().index())
                                .collect(Collectors.toCollection(TreeSet::new))),
                highestIndex,
                captured.stream().map(entry -> entry.link().hardwareType()).collect(Collectors.toSet()),
                present.stream()
                        .map(LinkEntry::link)
                        .filter(Link::up)
                        .filter(link -> HardwareTypes.linkType(link.hardwareType()) == HardwareTypes.LINK_TYPE_ETHERNET)
                        .map(Link::name)
                        .sorted()
                        .findFirst()
                        .orElse(""));
    }
}
