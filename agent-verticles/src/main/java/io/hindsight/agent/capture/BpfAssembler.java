package io.hindsight.agent.capture;

import java.util.Arrays;

/**
 * Puts a classic BPF program together from its end to its beginning, because jumps only lead forward: the place that one leads to is there when the jump is written. A place is
 * the number of instructions from it to the program's end.
 *
 * <p>A conditional jump reaches 255 instructions far; where that is not enough, an unconditional one is put behind it, which reaches everything.
 */
final class BpfAssembler {
    /** One less than a jump reaches: the jump beside it may need an instruction in between. */
    private static final int REACH = 254;

    private long[] reversed;
    private int size;

    /** {@code end} are the program's last instructions; at least one, which returns. */
    BpfAssembler(long[] end) {
        reversed = new long[Math.max(256, 2 * end.length)];
        for (int i = end.length - 1; i >= 0; i--) {
            prepend(end[i]);
        }
    }

    private int prepend(long instruction) {
        if (size == reversed.length) {
            reversed = Arrays.copyOf(reversed, 2 * size);
        }
        reversed[size++] = instruction;
        return size;
    }

    /** The place of what was written last. */
    int here() {
        return size;
    }

    /** Accepts or drops. */
    int returning(int operand) {
        return prepend(ClassicBpf.instruction(ClassicBpf.RETURN, 0, 0, operand));
    }

    /** Does something and goes on at {@code next}. */
    int then(int code, int operand, int next) {
        goingTo(next);
        return prepend(ClassicBpf.instruction(code, 0, 0, operand));
    }

    /** A place next to the following instruction that leads to {@code target}. */
    private int goingTo(int target) {
        return target == size ? target : prepend(ClassicBpf.instruction(ClassicBpf.JUMP, 0, 0, size - target));
    }

    /** A place that the following so many instructions can lead to {@code target} by. */
    int within(int target, int instructions) {
        return size + instructions - target <= REACH ? target : goingTo(target);
    }

    /** Goes on at one of two places. */
    int test(int code, int operand, int whenTrue, int whenFalse) {
        int ifTrue = within(whenTrue, 0);
        int ifFalse = within(whenFalse, 0);
        return prepend(ClassicBpf.instruction(code, size - ifTrue, size - ifFalse, operand));
    }

    /** The program from {@code first} on, which was written last. */
    long[] program(int first) {
        goingTo(first);
        long[] program = new long[size];
        for (int i = 0; i < size; i++) {
            program[i] = reversed[size - 1 - i];
        }
        return program;
    }
}
