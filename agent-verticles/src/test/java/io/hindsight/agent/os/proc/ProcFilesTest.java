package io.hindsight.agent.os.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;

@EnabledOnOs(value = LINUX, disabledReason = "reads /proc")
class ProcFilesTest {
    private static final int NOBODY = 999_999_999;

    private final ProcFiles files = new ProcFiles(TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()));

    @Test
    void shouldKnowThisProcess() {
        ProcessHandle self = ProcessHandle.current();
        ProcessStatus status = files.status((int) self.pid()).orElseThrow();
        assertThat(status.parentPid()).isEqualTo((int) self.parent().map(ProcessHandle::pid).orElse(0L).longValue());
        assertThat(status.command()).isNotEmpty();
        Instant started = self.info().startInstant().orElseThrow();
        assertThat(status.startedNs() / 1_000_000).isCloseTo(started.toEpochMilli(), within(2_000L));
        assertThat(files.arguments((int) self.pid()).orElseThrow().list().getFirst()).contains("java");
        assertThat(files.cgroup((int) self.pid())).isPresent();
        assertThat(files.pids()).contains((int) self.pid()).isSorted();
    }

    @Test
    void shouldFindNothingOfAProcessThatIsNotThere() {
        assertThat(files.status(NOBODY)).isEmpty();
        assertThat(files.arguments(NOBODY)).isEmpty();
        assertThat(files.cgroup(NOBODY)).isEmpty();
        assertThat(files.networkNamespace(NOBODY)).isEmpty();
        assertThat(files.sockets(NOBODY, 10, inode -> {})).isZero();
    }

    @Test
    void shouldSayWhereArgumentsWereCut() {
        assertThat(arguments("curl\0-s\0http://a/\0"))
                .isEqualTo(new ProcessArguments(List.of("curl", "-s", "http://a/"), false));
        assertThat(arguments("nginx: worker process"))
                .isEqualTo(new ProcessArguments(List.of("nginx: worker process"), false));
        assertThat(arguments("a\0\0b\0")).isEqualTo(new ProcessArguments(List.of("a", "", "b"), false));
        ProcessArguments long1 = arguments("a\0" + "b".repeat(5_000) + "\0");
        assertThat(long1.cut()).isTrue();
        assertThat(String.join("", long1.list())).hasSize(ProcessArguments.MAX_BYTES - 1);
        ProcessArguments many = arguments(String.join("\0", Collections.nCopies(100, "x")) + "\0");
        assertThat(many.list()).hasSize(ProcessArguments.MAX_COUNT);
        assertThat(many.cut()).isTrue();
    }

    private static ProcessArguments arguments(String commandLine) {
        byte[] bytes = commandLine.getBytes(StandardCharsets.UTF_8);
        return ProcessArguments.parse(bytes, bytes.length);
    }
}
