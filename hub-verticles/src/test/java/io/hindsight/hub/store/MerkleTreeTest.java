package io.hindsight.hub.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
    @Test
    void shouldAgreeWithTheRecursiveDefinitionForEverySize() {
        for (int size = 0; size <= 70; size++) {
            List<Digest> chunks =
                    IntStream.range(0, size).mapToObj(chunk -> Digest.ofContent(new byte[] {(byte) chunk})).toList();
            MerkleTree tree = new MerkleTree();
            chunks.forEach(tree::add);

            assertThat(tree.root()).as("size=%d", size).isEqualTo(Digest.ofBytes(recursive(chunks)));
        }
    }

    @Test
    void shouldTellOrderAndNumberApart() {
        Digest first = Digest.ofContent(new byte[] {1});
        Digest second = Digest.ofContent(new byte[] {2});

        assertThat(root(first, second)).isNotEqualTo(root(second, first)).isNotEqualTo(root(first, second, second));
    }

    private static Digest root(Digest... chunks) {
        MerkleTree tree = new MerkleTree();
        List.of(chunks).forEach(tree::add);
        return tree.root();
    }

    /** RFC 6962, section 2.1, word by word. */
    private static byte[] recursive(List<Digest> chunks) {
        if (chunks.isEmpty()) {
            return Digest.ofContent(new byte[0]).bytes();
        }
        if (chunks.size() == 1) {
            return hash(0, chunks.getFirst().bytes(), new byte[0]);
        }
        int split = Integer.highestOneBit(chunks.size() - 1);
        return hash(1, recursive(chunks.subList(0, split)), recursive(chunks.subList(split, chunks.size())));
    }

    private static byte[] hash(int prefix, byte[] left, byte[] right) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.write(prefix);
        input.writeBytes(left);
        input.writeBytes(right);
        return Digest.ofContent(input.toByteArray()).bytes();
    }
}
