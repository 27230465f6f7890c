package io.hindsight.agent.capture.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.agent.capture.CaptureInterface;
import io.hindsight.agent.capture.InterfaceSelection;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LinkTableTest {
    private static final int ETHERNET = 1;

    private final LinkTable table = new LinkTable(new InterfaceSelection(List.of("pod*")), 0, "");

    private static Link link(int index, String name) {
        return new Link(index, name, ETHERNET, true);
    }

    @Test
    void shouldUseIdsAgainOfInterfacesLongGone() {
        int greatest = 0;
        for (int index = 1; index <= 20_000; index++) {
            table.put(link(index, "pod" + index));
            greatest = Math.max(greatest, captured(index).id());
            table.remove(index);
        }
        assertThat(greatest).isLessThanOrEqualTo(1_025);
    }

    @Test
    void shouldUseTheIdOfARenamedInterfaceAgain() {
        for (int name = 0; name < 1_000; name++) {
            table.put(link(7, "pod" + name));
            assertThat(captured(7).name()).isEqualTo("pod" + name);
            assertThat(captured(7).id()).isLessThan(3);
        }
    }

    /** The packets of an interface that has just gone may still be in the kernel's ring. */
    @Test
    void shouldKnowAnInterfaceForAWhileAfterItHasGone() {
        table.put(link(1, "pod1"));
        CaptureInterface before = captured(1);
        table.remove(1);
        for (int index = 2; index < 1_000; index++) {
            table.put(link(index, "pod" + index));
            table.remove(index);
            assertThat(captured(index).id()).isNotEqualTo(before.id());
        }
        assertThat(captured(1)).isSameAs(before);
        assertThat(table.captured()).isEmpty();
    }

    private CaptureInterface captured(int index) {
        return Objects.requireNonNull(Objects.requireNonNull(table.map().get(index)).captured());
    }
}
