package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.IndexRecord;
import io.hindsight.hub.verify.FoundChunk.Damage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says what was done to a data file, by comparing its chunks with those that the index has: which were changed, left out, swapped, moved, repeated,
 * replaced or put in. A chunk is known by its digest; one that is broken by its place, one that was replaced by its sequence. Used once, by one
 * thread.
 */
final class DataDiagnosis {
    private final String file;
    private final NodeId node;
    private final Map<Long, String> nodeNames;
    private final List<@Nullable IndexRecord> expected;
    private final List<FoundChunk> found;
    private final Findings findings;
    private final int[] identities;
    private final Arrangement arrangement;

    /**
     * @param file name of the data file
     * @param nodeNames of the snapshot, by their hashes
     * @param expected what the index has, null where its record is broken
     * @param found in the file
     */
    DataDiagnosis(
            String file,
            NodeId node,
            Map<Long, String> nodeNames,
            List<@Nullable IndexRecord> expected,
            List<FoundChunk> found,
            Findings findings) {
        this.file = file;
        this.node = node;
        this.nodeNames = nodeNames;
        this.expected = expected;
        this.found = found;
        this.findings = findings;
        this.identities = new ChunkIdentities(node, expected, found).all();
        this.arrangement = new Arrangement(expected.size(), identities);
    }

    void run() {
        for (int position = 0; position < found.size(); position++) {
            position = tell(position);
        }
        arrangement.missing().forEach(this::tellMissing);
    }

    /** Tells of the chunk, or the chunks from here on that are the same case; returns the position of the last. */
    private int tell(int position) {
        FoundChunk chunk = found.get(position);
        Damage damage = chunk.damage();
        if (damage != null) {
            tellDamage(position, chunk, damage);
            return position;
        }
        if (identities[position] == Arrangement.NONE) {
            return tellForeign(position);
        }
        if (arrangement.repeats(position) != Arrangement.NONE) {
            tellRepeated(position, chunk);
            return position;
        }
        tellReplaced(position, chunk);
        tellMoved(position, chunk);
        return position;
    }

    private void tellDamage(int position, FoundChunk chunk, Damage damage) {
        IndexRecord wanted = identities[position] == Arrangement.NONE ? null : expected.get(identities[position]);
        boolean belongsNowhere = wanted == null && chunk.header() == null;
        Kind kind = belongsNowhere ? Kind.ADDED : damage.kind();
        String detail = (belongsNowhere ? "These bytes belong to no chunk. " : "") + damage.detail();
        Violation violation =
                Violation.of(kind, file, detail)
                        .at(position, damage.offset(), damage.length())
                        .values(wanted == null ? null : sha(wanted.digest()), sha(chunk.digest()));
        ChunkHeader header = chunk.header();
        if (wanted != null) {
            findings.add(violation.of(wanted.sequence(), wanted.writer()));
        } else {
            findings.add(header == null ? violation : violation.of(header.sequence(), header.writer()));
        }
    }

    private int tellForeign(int position) {
        FoundChunk first = found.get(position);
        int last = position;
        long length = first.length();
        while (last + 1 < found.size() && isSameCase(first, last + 1)) {
            last++;
            length += found.get(last).length();
        }
        String subject = last == position ? "The chunk is" : "These " + (last - position + 1) + " chunks are";
        add(
                Kind.ADDED,
                position,
                first,
                subject
                        + " sound, but in no record of the index, and so no leaf of the manifest's Merkle tree: "
                        + origin(Objects.requireNonNull(first.header()).nodeIdHash())
                        + ".",
                length,
                null);
        return last;
    }

    private boolean isSameCase(FoundChunk first, int position) {
        FoundChunk chunk = found.get(position);
        return identities[position] == Arrangement.NONE
                && chunk.damage() == null
                && Objects.requireNonNull(chunk.header()).nodeIdHash()
                        == Objects.requireNonNull(first.header()).nodeIdHash();
    }

    private String origin(long nodeIdHash) {
        if (nodeIdHash == node.hash()) {
            return "taken from another snapshot of node=" + node + ", or made up";
        }
        String other = nodeNames.get(nodeIdHash);
        return other == null ? "of a node that is not in this snapshot" : "of another node=" + other;
    }

    private void tellRepeated(int position, FoundChunk chunk) {
        int first = arrangement.repeats(position);
        add(
                Kind.REPEATED,
                position,
                chunk,
                "The chunk repeats chunk=" + first + " at offset=" + found.get(first).offset() + ".",
                chunk.length(),
                null);
    }

    private void tellReplaced(int position, FoundChunk chunk) {
        IndexRecord wanted = expected.get(identities[position]);
        if (wanted != null && !wanted.digest().equals(chunk.digest())) {
            add(
                    Kind.CHANGED,
                    position,
                    chunk,
                    "The chunk is sound, but not the one that was sealed here with this sequence: one of another snapshot, or edited.",
                    chunk.length(),
                    wanted.digest());
        }
    }

    private void tellMoved(int position, FoundChunk chunk) {
        int partner = arrangement.swappedWith(position);
        if (partner != Arrangement.NONE) {
            FoundChunk other = found.get(partner);
            add(
                    Kind.MOVED,
                    position,
                    chunk,
                    "The chunk and chunk=" + partner + " at offset=" + other.offset() + " are swapped.",
                    chunk.length(),
                    other.digest());
        } else if (arrangement.isMoved(position)) {
            IndexRecord home = Objects.requireNonNull(expected.get(identities[position]));
            add(
                    Kind.MOVED,
                    position,
                    chunk,
                    "The chunk belongs at offset=" + home.offset() + " as chunk=" + identities[position] + ".",
                    chunk.length(),
                    null);
        }
    }

    private void add(Kind kind, int position, FoundChunk chunk, String detail, long length, @Nullable Digest wanted) {
        ChunkHeader header = Objects.requireNonNull(chunk.header());
        findings.add(
                Violation.of(kind, file, detail)
                        .at(position, chunk.offset(), length)
                        .of(header.sequence(), header.writer())
                        .values(wanted == null ? null : sha(wanted), sha(chunk.digest())));
    }

    private void tellMissing(Arrangement.Run run) {
        IndexRecord first = expected.get(run.from());
        IndexRecord last = expected.get(run.to() - 1);
        if (first == null || last == null) {
            return;
        }
        int count = run.to() - run.from();
        String subject = count == 1 ? "The chunk is" : "These " + count + " chunks are";
        findings.add(
                Violation.of(
                                Kind.MISSING,
                                file,
                                subject
                                        + " not in the file: sequence="
                                        + first.sequence()
                                        + (count == 1 ? "" : " to " + last.sequence())
                                        + ". The offset is the one in the index.")
                        .at(run.from(), first.offset(), last.end() - first.offset())
                        .of(first.sequence(), first.writer())
                        .values(sha(first.digest()), null));
    }

    private static String sha(Digest digest) {
        return "sha256:" + digest;
    }
}
