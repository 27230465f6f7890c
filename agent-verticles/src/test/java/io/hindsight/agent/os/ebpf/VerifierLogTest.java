package io.hindsight.agent.os.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VerifierLogTest {
    @Test
    void shouldFindTheLineThatSaysWhy() {
        String log =
                """
                0: R1=ctx() R10=fp0
                ; return *(volatile int *)arguments->values[0]; @ partly.bpf.c:19
                1: (61) r0 = *(u32 *)(r1 +0)
                R1 invalid mem access 'scalar'
                verification time 82 usec
                stack depth 0
                processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
                """;
        assertThat(VerifierLog.lastWords(log)).isEqualTo("R1 invalid mem access 'scalar'");
    }

    @Test
    void shouldFindNothingInAnEmptyLog() {
        assertThat(VerifierLog.lastWords("")).isEmpty();
        assertThat(VerifierLog.lastWords("processed 0 insns\n")).isEmpty();
    }

    @Test
    void shouldCutALongLine() {
        assertThat(VerifierLog.lastWords("x".repeat(5_000))).hasSize(300);
    }
}
