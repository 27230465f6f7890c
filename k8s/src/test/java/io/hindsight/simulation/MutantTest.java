package io.hindsight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation notices when the code is wrong: each {@link Mutant} breaks an invariant within a few schedules. A few for every run; all of them with {@code -Pendurance}. */
class MutantTest {
    private static final int MOST_SCHEDULES = 1_500;
    private static final QuietLogs LOGS = new QuietLogs();

    @BeforeAll
    static void silence() {
        LOGS.silence();
    }

    @AfterAll
    static void speak() {
        LOGS.speak();
    }

    static List<Mutant> mutants() {
        return Boolean.getBoolean("hindsight.mutants.all") ? Mutant.all() : Mutant.quick();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void shouldCatch(Mutant mutant) throws IOException, ReflectiveOperationException {
        MutantProgram program = new MutantProgram(root(), mutant);
        @Nullable String broken = null;
        int schedules = 0;
        while (broken == null && schedules < MOST_SCHEDULES) {
            broken = program.brokenBy(++schedules);
        }
        System.out.println("| " + mutant + " | " + broken + " | " + schedules + " |");
        assertThat(broken).as("what '%s' breaks within %d schedules", mutant, MOST_SCHEDULES).isNotNull();
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("agent-verticles")) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        return folder;
    }
}
