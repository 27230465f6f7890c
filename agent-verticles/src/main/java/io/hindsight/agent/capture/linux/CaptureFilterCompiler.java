package io.hindsight.agent.capture.linux;

import io.hindsight.agent.capture.CaptureFilter;
import io.hindsight.agent.capture.HardwareTypes;
import io.hindsight.bpf.BpfProgram;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a socket's program from a capture filter. Each link type gets a program of its own, because the same expression
 * reads different bytes in each.
 *
 * <p>Ethernet is compiled against a live interface where one is up: libpcap then looks for VLAN tags in the packet's metadata too, where
 * the kernel puts the outermost. Compiled without, {@code vlan} would look in the packet only, and match nothing.
 *
 * <p>Not thread-safe.
 */
final class CaptureFilterCompiler {
    private static final Logger LOG = LoggerFactory.getLogger(CaptureFilterCompiler.class);

    private final CaptureFilter filter;
    private final List<String> expressions;
    private final int snapLength;
    private final boolean pick;
    private final Map<Integer, List<BpfProgram>> programs;
    private final Map<Integer, HindsightException> refusals;
    private boolean compiledLive;

    /** {@code pick} is false where the socket is bound to its only interface. */
    CaptureFilterCompiler(CaptureFilter filter, int snapLength, boolean pick) {
        this(filter, snapLength, pick, new HashMap<>(), new HashMap<>());
    }

    private CaptureFilterCompiler(
            CaptureFilter filter,
            int snapLength,
            boolean pick,
            Map<Integer, List<BpfProgram>> programs,
            Map<Integer, HindsightException> refusals) {
        this.filter = filter;
        this.expressions = filter.expressions();
        this.snapLength = snapLength;
        this.pick = pick;
        this.programs = programs;
        this.refusals = refusals;
    }

    /** One for another filter, with what is compiled already of the same expressions. */
    CaptureFilterCompiler with(CaptureFilter other) {
        if (!other.expressions().equals(expressions)) {
            return new CaptureFilterCompiler(other, snapLength, pick);
        }
        CaptureFilterCompiler same =
                new CaptureFilterCompiler(other, snapLength, pick, new HashMap<>(programs), new HashMap<>(refusals));
        same.compiledLive = compiledLive;
        return same;
    }

    /** INVALID_FILTER where the expression fits none of the present interfaces' link types. */
    CaptureFilterProgram compile(LinkSelection links) {
        if (expressions.isEmpty()) {
            return CaptureFilterProgram.ofSnapLength(links, pick, snapLength, filter);
        }
        Set<Integer> wanted = linkTypes(links);
        for (int linkType : linkTypesAndCommon(wanted)) {
            compileOnce(linkType, links.liveEthernet());
        }
        if (wanted.stream().noneMatch(programs::containsKey)) {
            throw refusals.get(wanted.iterator().next());
        }
        warnOfRefused(wanted);
        return CaptureFilterProgram.ofPrograms(links, pick, byHardwareType(links), filter);
    }

    private static Set<Integer> linkTypes(LinkSelection links) {
        return links.hardwareTypes().isEmpty()
                ? Set.of(HardwareTypes.LINK_TYPE_ETHERNET)
                : links.hardwareTypes().stream()
                        .map(HardwareTypes::linkType)
                        .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The common ones are there in advance, so that an interface which appears is filtered from its first packet on. */
    private static Set<Integer> linkTypesAndCommon(Set<Integer> linkTypes) {
        Set<Integer> all = new TreeSet<>(linkTypes);
        all.add(HardwareTypes.LINK_TYPE_ETHERNET);
        all.add(HardwareTypes.LINK_TYPE_RAW);
        return all;
    }

    private void compileOnce(int linkType, String liveEthernet) {
        boolean live = linkType == HardwareTypes.LINK_TYPE_ETHERNET && !liveEthernet.isEmpty();
        boolean known = programs.containsKey(linkType) || refusals.containsKey(linkType);
        if (known && (!live || compiledLive)) {
            return;
        }
        try {
            List<BpfProgram> compiled = new ArrayList<>();
            for (String expression : expressions) {
                compiled.add(
                        live
                                ? BpfProgram.compileLive(expression, liveEthernet, snapLength)
                                : BpfProgram.compile(expression, linkType, snapLength));
            }
            programs.put(linkType, List.copyOf(compiled));
            compiledLive |= live;
        } catch (HindsightException refused) {
            if (refused.code() != ErrorCode.INVALID_FILTER) {
                throw refused;
            }
            refusals.put(linkType, refused); // reported by compile(), where the link type is wanted
        }
    }

    private void warnOfRefused(Set<Integer> wanted) {
        for (int linkType : wanted) {
            HindsightException refusal = refusals.get(linkType);
            if (refusal != null) {
                LOG.warn("Nothing is recorded from interfaces of linkType={}: {}", linkType, refusal.getMessage());
            }
        }
    }

    private Map<Integer, List<BpfProgram>> byHardwareType(LinkSelection links) {
        Set<Integer> hardwareTypes = new TreeSet<>(links.hardwareTypes());
        hardwareTypes.addAll(HardwareTypes.known().keySet());
        Map<Integer, List<BpfProgram>> result = new TreeMap<>();
        for (int hardwareType : hardwareTypes) {
            List<BpfProgram> chain = programs.get(HardwareTypes.linkType(hardwareType));
            if (chain != null) {
                result.put(hardwareType, chain);
            }
        }
        return result;
    }
}
