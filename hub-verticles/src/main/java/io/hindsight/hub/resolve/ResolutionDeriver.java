package io.hindsight.hub.resolve;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.hub.derive.Derivation;
import io.hindsight.hub.derive.Deriver;
import io.hindsight.hub.store.DerivedContent;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import io.hindsight.time.TimeWindow;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** Makes {@code resolution.json} while a snapshot is sealed. */
public final class ResolutionDeriver implements Deriver {
    @Override
    public DerivedFile file() {
        return DerivedFile.RESOLUTION;
    }

    @Override
    public Derivation begin(TimeWindow window, int nodes) {
        return new Making();
    }

    private static final class Making implements Derivation {
        private final ResolutionBuilder builder = new ResolutionBuilder();
        private String node = "";

        @Override
        public void node(Manifest.Node next) {
            node = next.node();
        }

        @Override
        public void chunk(ChunkHeader header, MemorySegment bytes) {
            RecordedEvents.take(node, header, bytes, builder);
        }

        @Override
        public Optional<DerivedContent> finish(List<NodeFiles> files) {
            ResolutionData data = builder.data();
            return data.isEmpty() ? Optional.empty() : Optional.of(out -> ResolutionFileWriter.write(data, out));
        }
    }
}
