package io.hindsight.hub.verify;

import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.ChunkHeaderCodec;
import io.hindsight.chunk.ChunkVerifier;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.hub.verify.ChunkFile.Extent;
import io.hindsight.hub.verify.FoundChunk.Damage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a damaged data file for what lies in it, one thread at a time. */
final class DataContent {
    private static final long PIECE_LENGTH = 1L << 20;

    /** Looking for the one flipped bit takes some 50 ms for a chunk of 4 MiB. */
    private static final int MAX_LOCATED = 32;

    private final ChunkFile file;
    private final Map<Long, IndexRecord> byOffset = new HashMap<>();
    private final List<FoundChunk> found = new ArrayList<>();
    private final MessageDigest digester = Digest.digester();
    private final BitLocator locator = new BitLocator();
    private int located;

    private DataContent(ChunkFile file, IndexContent index) {
        this.file = file;
        for (IndexRecord record : index.records()) {
            if (record != null) {
                byOffset.putIfAbsent(record.offset(), record);
            }
        }
    }

    /** Everything up to the file's end, or {@link IndexContent#MAX_RECORDS} chunks. */
    static List<FoundChunk> read(FileChannel channel, IndexContent index, ReadPace pace) throws IOException {
        try (ChunkFile file = new ChunkFile(channel, pace)) {
            DataContent content = new DataContent(file, index);
            long offset = 0;
            while (offset < file.size() && content.found.size() < IndexContent.MAX_RECORDS) {
                Extent extent = file.extentAt(offset, content.byOffset.get(offset));
                FoundChunk chunk = content.chunk(extent);
                if (chunk.damage() != null) {
                    extent = file.withoutNext(extent);
                    chunk = chunk.length() == extent.length() ? chunk : content.chunk(extent);
                }
                content.found.add(chunk);
                offset += chunk.length();
            }
            return content.found;
        }
    }

    private FoundChunk chunk(Extent extent) throws IOException {
        if (extent.length() > ChunkHeaderCodec.MAX_CHUNK_LENGTH) {
            return stretch(extent, "No chunk starts here, nor for many bytes after.");
        }
        MemorySegment bytes = file.read(extent.offset(), extent.length());
        Digest digest = digest(bytes);
        try {
            ChunkHeader header = ChunkVerifier.checkRecords(bytes, 0);
            locator.learn(bytes);
            return new FoundChunk(extent.offset(), extent.length(), header, digest, null);
        } catch (HindsightException broken) {
            return new FoundChunk(
                    extent.offset(), extent.length(), header(bytes), digest, damage(extent, bytes, broken));
        }
    }

    private Damage damage(Extent extent, MemorySegment bytes, HindsightException broken) {
        if (extent.isCutOff()) {
            return new Damage(
                    Kind.CUT_OFF,
                    extent.offset(),
                    extent.length(),
                    "The chunk has "
                            + extent.claimedLength()
                            + " bytes, here are only "
                            + extent.length()
                            + " of them.");
        }
        String detail = "Within the chunk at offset=" + extent.offset() + ": " + broken.getMessage();
        long bit = located++ < MAX_LOCATED ? locator.locate(bytes) : -1;
        if (bit < 0) {
            return new Damage(Kind.CHANGED, extent.offset(), extent.length(), detail);
        }
        long at = extent.offset() + bit / Byte.SIZE;
        String place = " One flipped bit explains it: bit " + bit % Byte.SIZE + " of the byte at offset " + at + ".";
        return new Damage(Kind.CHANGED, at, 1, detail + place);
    }

    private static @Nullable ChunkHeader header(MemorySegment bytes) {
        try {
            return ChunkHeaderCodec.read(bytes, 0);
        } catch (HindsightException noHeader) {
            return null;
        }
    }

    private FoundChunk stretch(Extent extent, String detail) throws IOException {
        long end = extent.offset() + extent.length();
        for (long position = extent.offset(); position < end; position += PIECE_LENGTH) {
            digester.update(file.read(position, Math.min(PIECE_LENGTH, end - position)).asByteBuffer());
        }
        Damage damage = new Damage(Kind.CHANGED, extent.offset(), extent.length(), detail);
        return new FoundChunk(extent.offset(), extent.length(), null, Digest.of(digester), damage);
    }

    private Digest digest(MemorySegment bytes) {
        digester.update(bytes.asByteBuffer());
        return Digest.of(digester);
    }
}
