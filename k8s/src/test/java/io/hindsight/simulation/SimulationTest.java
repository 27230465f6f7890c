package io.hindsight.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.hindsight.simulation.Schedule.Outcome;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of lives of a Hub and its nodes. {@code -Dhindsight.simulation.schedules=N} runs as many, from the seed {@code hindsight.seed} on; {@code -Dsimulation.seed=N} repeats
 * one. 2,000 for every run, 100,000 with {@code -Pendurance}.
 */
class SimulationTest {
    private static final int FEW = 2_000;
    private static final QuietLogs LOGS = new QuietLogs();

    @BeforeAll
    static void silence() {
        LOGS.silence();
    }

    @AfterAll
    static void speak() {
        LOGS.speak();
    }

    @Test
    void shouldKeepEveryInvariantInEverySchedule() {
        Long one = Long.getLong("simulation.seed");
        long first = one == null ? Long.getLong("hindsight.seed", 1) : one;
        int schedules = one == null ? Integer.getInteger("hindsight.simulation.schedules", FEW) : 1;
        long sealed = 0;
        long packets = 0;
        for (long seed = first; seed < first + schedules; seed++) {
            Outcome outcome = Schedule.run(seed);
            if (outcome.broken() != null) {
                fail(outcome.report(), outcome.broken());
            }
            sealed += outcome.sealed();
            packets += outcome.packets();
        }
        System.out.println(
                "Simulated schedules="
                        + schedules
                        + " from seed="
                        + first
                        + ": snapshots="
                        + sealed
                        + " packets="
                        + packets);
        // What nothing was sealed in shows nothing.
        assertThat(sealed).isGreaterThan(one == null ? schedules : -1);
        assertThat(packets).isGreaterThan(one == null ? 50L * schedules : -1);
    }

    /** Beyond those that every run tries. */
    @ParameterizedTest
    @ValueSource(longs = {109_320, 141_273})
    void shouldHoldInWhatOnceFailed(long seed) {
        Outcome outcome = Schedule.run(seed);
        if (outcome.broken() != null) {
            fail(outcome.report(), outcome.broken());
        }
    }

    @Test
    void shouldRunOneSeedTwiceInTheSameWay() {
        LongStream.of(3, 48, 474, 1826)
                .forEach(seed -> {
                    Outcome first = Schedule.run(seed);
                    Outcome second = Schedule.run(seed);

                    assertThat(second.trace()).isEqualTo(first.trace());
                    assertThat(second.events()).isEqualTo(first.events());
                });
    }

    /** Whoever is told of a seed repeats it in another process. */
    @Test
    void shouldRunASeedInAnotherProcessInTheSameWay() throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                TraceProgram.class.getName()));
        List<String> here = new ArrayList<>();
        for (long seed : new long[] {12, 56, 76, 88, 90, 1826}) {
            command.add(String.valueOf(seed));
            here.add(seed + "=" + Schedule.run(seed).trace());
        }
        Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
        String there = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(there.lines().filter(line -> line.contains("="))).containsExactlyElementsOf(here);
    }

    @Test
    void shouldRunDifferentSeedsInDifferentWays() {
        assertThat(LongStream.range(1, 20).map(seed -> Schedule.run(seed).trace()).distinct().count()).isEqualTo(19);
    }
}
