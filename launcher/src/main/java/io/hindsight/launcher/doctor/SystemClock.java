package io.hindsight.launcher.doctor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Asks the kernel whether its clock is kept in step with others: {@code adjtimex(2)}. */
final class SystemClock {
    /** More than {@code struct timex} has on any architecture (208 bytes). All zero means: change nothing. */
    private static final long TIMEX_BYTES = 512;

    /** {@code TIME_ERROR}: nobody keeps the clock in step. */
    private static final int NOT_SYNCHRONIZED = 5;

    private SystemClock() {}

    static Finding check() {
        Optional<Integer> state = state();
        if (state.isEmpty()) {
            return Finding.weak("clock", "this system does not tell whether its clock is synchronized", "");
        }
        return state.get() == NOT_SYNCHRONIZED
                ? Finding.weak(
                        "clock",
                        "not synchronized: times of several machines will not fit together",
                        "sudo apt-get install -y systemd-timesyncd, or chrony")
                : Finding.ok("clock", "synchronized");
    }

    @SuppressWarnings("restricted") // adjtimex has this type in every C library of Linux
    private static Optional<Integer> state() {
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> function =
                linker.defaultLookup().find("adjtimex").or(() -> SymbolLookup.loaderLookup().find("adjtimex"));
        if (function.isEmpty()) {
            return Optional.empty();
        }
        MethodHandle adjtimex =
                linker.downcallHandle(function.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            int state = (int) adjtimex.invokeExact(arena.allocate(TIMEX_BYTES, Long.BYTES));
            return state < 0 ? Optional.empty() : Optional.of(state);
        } catch (Throwable neverThrown) {
            throw new IllegalStateException(neverThrown);
        }
    }
}
