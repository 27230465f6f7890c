package io.hindsight.agent.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import io.hindsight.agent.os.PodDirectory.PodOfContainer;
import io.hindsight.agent.os.proc.CgroupFolders;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.event.OsEvent.ProcessInfo;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;

@EnabledOnOs(value = LINUX, disabledReason = "reads /proc")
class ProcessTableTest {
    private static final int SELF = (int) ProcessHandle.current().pid();

    private final ProcessTable table = new ProcessTable(new ProcFiles(0), CgroupFolders.ofMachine(), PodDirectory.NONE);

    @Test
    void shouldReadTheCgroupOfAProcessThatRuns() {
        assertThat(cgroup(TestEvents.of(Kind.EXEC, 1, TestEvents.process(SELF, 1, "java")))).startsWith("/");
    }

    @Test
    void shouldTakeOneThatIsGoneToBeWhereItsParentIs() {
        String parent = cgroup(TestEvents.of(Kind.EXEC, 1, TestEvents.process(SELF, 1, "java")));
        ProcessInfo child = TestEvents.process(TestEvents.GONE, SELF, "sh");
        assertThat(cgroup(TestEvents.of(Kind.FORK, 2, child))).isEqualTo(parent);
        ProcessInfo grandchild = TestEvents.process(TestEvents.GONE + 1, TestEvents.GONE, "true");
        assertThat(cgroup(TestEvents.of(Kind.EXEC, 3, grandchild))).isEqualTo(parent);
        assertThat(cgroup(TestEvents.exit(4, grandchild, 0, null))).isEqualTo(parent);
    }

    @Test
    void shouldForgetOneThatEnded() {
        cgroup(TestEvents.of(Kind.EXEC, 1, TestEvents.process(SELF, 1, "java")));
        cgroup(TestEvents.of(Kind.FORK, 2, TestEvents.process(TestEvents.GONE, SELF, "sh")));
        ProcessInfo orphan = TestEvents.process(TestEvents.GONE, TestEvents.GONE + 5, "sh");
        assertThat(cgroup(TestEvents.exit(3, orphan, 0, null))).isNotNull();
        assertThat(cgroup(TestEvents.of(Kind.CLOSE, 4, orphan))).isNull();
    }

    @Test
    void shouldNotTakeAParentsPlaceWhereTheKernelToldAnotherCgroup() {
        cgroup(TestEvents.of(Kind.EXEC, 1, TestEvents.process(SELF, 1, "java", 17L)));
        ProcessInfo moved = TestEvents.process(TestEvents.GONE, SELF, "sh", 18L);
        assertThat(cgroup(TestEvents.of(Kind.FORK, 2, moved))).isNull();
    }

    @Test
    void shouldLeaveAnEventWithoutProcessAsItIs() {
        OsEvent event = new OsEvent(Kind.CHECKPOINT, 1, null, null, null, null, null, null, null, null, 3L);
        assertThat(table.enriched(event)).isSameAs(event);
    }

    @Test
    void shouldKnowNobodyWhereNoPodsAreWatched() {
        Optional<PodOfContainer> pod = PodDirectory.NONE.pod("a".repeat(64), null);
        assertThat(pod).isEmpty();
    }

    private @Nullable String cgroup(OsEvent event) {
        return Objects.requireNonNull(table.enriched(event).process()).cgroup();
    }
}
