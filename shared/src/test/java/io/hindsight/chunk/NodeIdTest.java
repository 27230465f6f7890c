package io.hindsight.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hindsight.error.HindsightException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class NodeIdTest {
    /** Stored in every chunk: SHA-256 of "node-1" starts with 35 97 1b e6 e9 bb 02 4a, computed with sha256sum. */
    @Test
    void shouldHashTheNameAsTheFormatSays() {
        assertThat(new NodeId("node-1").hash()).isEqualTo(0x4A02_BBE9_E61B_9735L);
    }

    @Test
    void shouldTakeNamesOfHostsAndKubernetesNodes() {
        for (String name :
                new String[] {"a", "node-1", "ip-10-0-0-1.eu-west-1.compute.internal", "MY_HOST", "x".repeat(253)}) {
            assertThat(new NodeId(name).name()).isEqualTo(name);
        }
    }

    @Test
    void shouldRefuseNamesThatCouldLeaveTheirFolder() {
        for (String name :
                new String[] {
                    "", ".", "..", ".hidden", "a/b", "a\\b", "a\0", "-a", "a-", "a b", "x".repeat(254), "é", "a\n"
                }) {
            assertThatThrownBy(() -> new NodeId(name)).as(name).isInstanceOf(HindsightException.class);
        }
    }

    @Property(tries = 1_000)
    void shouldNeverLetAnythingThroughThatIsNoFileName(@ForAll String name) {
        try {
            assertThat(new NodeId(name).name()).matches("[A-Za-z0-9._-]{1,253}").doesNotStartWith(".");
        } catch (HindsightException refused) {
            assertThat(refused.field()).isEqualTo("node");
        }
    }
}
