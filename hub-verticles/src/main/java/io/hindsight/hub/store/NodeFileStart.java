package io.hindsight.hub.store;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@link NodeFileWriter} begins with: two empty files, or what an interrupted session left of them. Of such a data file the whole
 * chunks are kept, up to the first that is torn or broken; the rest is cut off, digests are computed anew, and the index is written anew. Blocks.
 */
final class NodeFileStart {
    private static final Logger LOG = LoggerFactory.getLogger(NodeFileStart.class);

    final AppendFile data;
    final AppendFile indexFile;
    final IndexWriter index;
    final MessageDigest fileDigester = Digest.digester();
    final ChunkRow row = new ChunkRow();
    FileCounts counts = FileCounts.NONE;

    private NodeFileStart(NodeId node, AppendFile data, AppendFile indexFile) {
        this.data = data;
        this.indexFile = indexFile;
        this.index = new IndexWriter(indexFile, node);
    }

    /** Creates both files. */
    static NodeFileStart empty(NodeId node, Path data, Path index, ChannelOpener opener) {
        return new NodeFileStart(node, new AppendFile(data, opener), new AppendFile(index, opener));
    }

    /** Takes up what is there; where there is nothing, begins with empty files. */
    static NodeFileStart held(NodeId node, Path data, Path index, ChannelOpener opener) {
        try {
            Files.deleteIfExists(index);
            if (!Files.exists(data)) {
                return empty(node, data, index, opener);
            }
            FileChannel channel = opener.reopen(data);
            NodeFileStart start = new NodeFileStart(node, new AppendFile(data, channel), new AppendFile(index, opener));
            start.takeUp(node, channel);
            return start;
        } catch (IOException e) {
            throw IoFailures.of("take up", data, e);
        }
    }

    private void takeUp(NodeId node, FileChannel channel) throws IOException {
        long size = channel.size();
        try (ChunkReader chunks = new ChunkReader(channel, size)) {
            while (counts.bytes() < size) {
                take(chunks.read(counts.bytes()), node);
            }
        } catch (HindsightException tornHere) {
            LOG.info(
                    "node={} the interrupted file is whole up to bytes={} of {}: {}",
                    node,
                    counts.bytes(),
                    size,
                    tornHere.getMessage());
        }
        channel.truncate(counts.bytes());
        channel.position(counts.bytes());
    }

    private void take(ChunkReader.Read chunk, NodeId node) {
        ChunkHeader header = chunk.header();
        if (header.nodeIdHash() != node.hash() || !row.isNew(header)) {
            throw ChunkReader.violated(counts.bytes(), "it does not belong behind the one before");
        }
        MessageDigest chunkDigester = Digest.digester();
        chunkDigester.update(chunk.bytes().asByteBuffer());
        fileDigester.update(chunk.bytes().asByteBuffer());
        index.append(IndexRecord.of(header, counts.bytes(), Digest.of(chunkDigester)));
        counts = counts.plus(header);
        row.add(header);
    }
}
