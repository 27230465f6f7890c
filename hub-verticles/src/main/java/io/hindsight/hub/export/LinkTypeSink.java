package io.hindsight.hub.export;

import io.hindsight.pcapng.EnhancedPacketBlock;
import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import java.util.BitSet;

/** Writes nothing; finds the link types of the packets that an export would write. */
final class LinkTypeSink implements RecordSink {
    private final BitSet linkTypes = new BitSet();

    @Override
    public void begin() {
        linkTypes.clear();
    }

    @Override
    public boolean record(OpenChunk chunk) {
        if (chunk.type() == EnhancedPacketBlockDescriptor.TYPE) {
            int id = EnhancedPacketBlock.interfaceId(chunk.segment(), chunk.offset());
            linkTypes.set(chunk.networkInterface(id).description().linkType());
        }
        return true;
    }

    @Override
    public boolean isFull() {
        return false;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void end() {
        // Nothing is written.
    }

    /** LINKTYPE_ values, ascending. */
    int[] found() {
        return linkTypes.stream().toArray();
    }
}
