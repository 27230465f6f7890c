package io.hindsight.hub.derive;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.hub.store.DerivedContent;
import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SealedSnapshot.NodeFiles;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes down what it was called with; fails where it is told to. */
record ScriptedDeriver(DerivedFile file, Failure failure) implements Deriver {
    enum Failure {
        NEVER,
        BEGIN,
        NODE,
        CHUNK,
        FINISH,
        WHILE_WRITING,
        TOO_LONG
    }

    private void failAt(Failure step) {
        if (failure == step) {
            throw new IllegalStateException("told to fail: " + step);
        }
    }

    @Override
    public Derivation begin(TimeWindow window, int nodes) {
        failAt(Failure.BEGIN);
        return new Script();
    }

    private final class Script implements Derivation {
        private final List<String> calls = new ArrayList<>();

        @Override
        public void node(Manifest.Node node) {
            failAt(Failure.NODE);
            calls.add("node " + node.node());
        }

        @Override
        public void chunk(ChunkHeader header, MemorySegment bytes) {
            failAt(Failure.CHUNK);
            calls.add("chunk " + header.sequence() + " " + bytes.byteSize());
        }

        @Override
        public Optional<DerivedContent> finish(List<NodeFiles> files) {
            failAt(Failure.FINISH);
            calls.add("files " + files.stream().map(each -> each.node().node()).toList());
            return Optional.of(out -> {
                out.write(String.join("\n", calls).getBytes(StandardCharsets.UTF_8));
                failAt(Failure.WHILE_WRITING);
                if (failure == Failure.TOO_LONG) {
                    writeTooMuch(out);
                }
            });
        }

        private void writeTooMuch(OutputStream out) throws IOException {
            byte[] piece = new byte[1 << 20];
            for (long written = 0; written <= DerivedFile.MAX_LENGTH; written += piece.length) {
                out.write(piece);
            }
        }
    }
}
