package io.hindsight.hub.store;

import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The Merkle tree hash of RFC 6962, section 2.1, over chunk digests in the order of the manifest's nodes and each file's chunks.
 *
 * <pre>
 * leaf  = SHA-256(0x00 || SHA-256 of the chunk's bytes)
 * node  = SHA-256(0x01 || left || right), left being the largest perfect subtree
 * empty = SHA-256()
 * </pre>
 *
 * The prefixes keep a node from being passed off as a leaf. Holds one digest for each level. Not thread-safe.
 */
public final class MerkleTree {
    private static final byte LEAF_PREFIX = 0;
    private static final byte NODE_PREFIX = 1;

    /** A perfect subtree. */
    private record Subtree(int height, Digest hash) {}

    private final MessageDigest digester = Digest.digester();

    /** Largest first: like the digits of the number of leaves in base two. */
    private final Deque<Subtree> subtrees = new ArrayDeque<>();

    /** Appends the next chunk's digest. */
    public void add(Digest chunk) {
        digester.update(LEAF_PREFIX);
        Subtree added = new Subtree(0, hashed(chunk.bytes()));
        while (!subtrees.isEmpty() && subtrees.getLast().height() == added.height()) {
            added = new Subtree(added.height() + 1, parent(subtrees.removeLast().hash(), added.hash()));
        }
        subtrees.addLast(added);
    }

    /** The root over all chunks added; more may be added afterwards. */
    public Digest root() {
        if (subtrees.isEmpty()) {
            return Digest.ofContent(new byte[0]);
        }
        Digest root = subtrees.getLast().hash();
        boolean first = true;
        for (Subtree left : (Iterable<Subtree>) subtrees::descendingIterator) {
            root = first ? root : parent(left.hash(), root);
            first = false;
        }
        return root;
    }

    private Digest parent(Digest left, Digest right) {
        digester.update(NODE_PREFIX);
        digester.update(left.bytes());
        return hashed(right.bytes());
    }

    private Digest hashed(byte[] last) {
        return Digest.ofBytes(digester.digest(last));
    }
}
