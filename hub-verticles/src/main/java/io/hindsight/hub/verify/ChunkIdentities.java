package io.hindsight.hub.verify;

import io.hindsight.chunk.ChunkHeader;
import io.hindsight.chunk.NodeId;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.IndexRecord;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which chunk of the index each found chunk is: by its digest; else, if nobody has that digest, by source and sequence; a broken one whose
 * header does not tell by the place after the one before it. Used once.
 */
final class ChunkIdentities {
    private final NodeId node;
    private final List<@Nullable IndexRecord> expected;
    private final List<FoundChunk> found;
    private final int[] identities;
    private final boolean[] claimed;

    ChunkIdentities(NodeId node, List<@Nullable IndexRecord> expected, List<FoundChunk> found) {
        this.node = node;
        this.expected = expected;
        this.found = found;
        this.identities = new int[found.size()];
        this.claimed = new boolean[expected.size()];
    }

    int[] all() {
        byDigest();
        bySequence();
        byPlace();
        return identities;
    }

    private void byDigest() {
        Map<Digest, Integer> numbers = new HashMap<>();
        for (int number = 0; number < expected.size(); number++) {
            IndexRecord record = expected.get(number);
            if (record != null) {
                numbers.putIfAbsent(record.digest(), number);
            }
        }
        Arrays.setAll(
                identities, position -> claim(numbers.getOrDefault(found.get(position).digest(), Arrangement.NONE)));
    }

    private void bySequence() {
        Map<ChunkKey, Integer> numbers = new HashMap<>();
        for (int number = 0; number < expected.size(); number++) {
            IndexRecord record = expected.get(number);
            if (record != null) {
                numbers.putIfAbsent(ChunkKey.of(record), number);
            }
        }
        for (int position = 0; position < identities.length; position++) {
            ChunkHeader header = found.get(position).header();
            if (identities[position] == Arrangement.NONE && header != null && header.nodeIdHash() == node.hash()) {
                claimIfFree(position, numbers.getOrDefault(found.get(position).key(), Arrangement.NONE));
            }
        }
    }

    /** Also a sound chunk whose index record is broken is taken for what stands there. */
    private void byPlace() {
        for (int position = 0; position < identities.length; position++) {
            int next = position == 0 ? 0 : identities[position - 1] + 1;
            boolean known = identities[position] != Arrangement.NONE;
            if (!known && next < expected.size() && (isDamaged(position) || isOurs(position, next))) {
                claimIfFree(position, next);
            }
        }
    }

    private boolean isDamaged(int position) {
        return found.get(position).damage() != null;
    }

    private boolean isOurs(int position, int number) {
        ChunkHeader header = found.get(position).header();
        return expected.get(number) == null && header != null && header.nodeIdHash() == node.hash();
    }

    private int claim(int number) {
        if (number != Arrangement.NONE) {
            claimed[number] = true;
        }
        return number;
    }

    private void claimIfFree(int position, int number) {
        if (number != Arrangement.NONE && !claimed[number]) {
            identities[position] = claim(number);
        }
    }
}
