package io.hindsight.hub.export;

import io.hindsight.bpf.BpfProgram;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A BPF expression over packets of several link types: compiled once for each. Where libpcap refuses it for one link type (for example
 * {@code ether host} on packets without Ethernet header) no packet of that type can match. Owned by the export's thread.
 */
final class PacketFilter {
    private static final Logger LOG = LoggerFactory.getLogger(PacketFilter.class);

    private final String expression;
    private final Map<Integer, Optional<BpfProgram>> byLinkType = new HashMap<>();
    private int lastLinkType = -1;
    private Optional<BpfProgram> last = Optional.empty();

    PacketFilter(String expression) {
        this.expression = expression;
    }

    /** Compiles for link types that are known to occur. @throws HindsightException INVALID_FILTER where none of them takes it */
    void compileFor(Iterable<Integer> linkTypes) {
        HindsightException refusal = null;
        for (int linkType : linkTypes) {
            try {
                byLinkType.put(linkType, Optional.of(BpfProgram.compile(expression, linkType, 0)));
            } catch (HindsightException e) {
                refusal = rethrowUnlessRefused(e);
                byLinkType.put(linkType, Optional.empty());
            }
        }
        if (refusal != null && byLinkType.values().stream().allMatch(Optional::isEmpty)) {
            throw refusal;
        }
    }

    /** Whether the packet at which the chunk stands is accepted. */
    boolean accepts(OpenChunk chunk) {
        MemorySegment segment = chunk.segment();
        long block = chunk.offset();
        ExportInterface networkInterface = chunk.networkInterface(EnhancedPacketBlock.interfaceId(segment, block));
        Optional<BpfProgram> program = program(networkInterface.description().linkType());
        return program.isPresent()
                && program.get()
                        .matches(
                                segment,
                                block + EnhancedPacketBlockDescriptor.DATA_OFFSET,
                                EnhancedPacketBlock.capturedLength(segment, block),
                                EnhancedPacketBlock.originalLength(segment, block));
    }

    private Optional<BpfProgram> program(int linkType) {
        if (linkType != lastLinkType) {
            last = byLinkType.computeIfAbsent(linkType, this::compile);
            lastLinkType = linkType;
        }
        return last;
    }

    private Optional<BpfProgram> compile(int linkType) {
        try {
            return Optional.of(BpfProgram.compile(expression, linkType, 0));
        } catch (HindsightException e) {
            rethrowUnlessRefused(e);
            LOG.info("No packet of linkType={} can match the filter: {}", linkType, e.getMessage());
            return Optional.empty();
        }
    }

    private static HindsightException rethrowUnlessRefused(HindsightException e) {
        if (e.code() != ErrorCode.INVALID_FILTER) {
            throw e;
        }
        return e;
    }
}
