package io.hindsight.agent.os.ebpf;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import org.jspecify.annotations.Nullable;

/** Finds libbpf on this machine, once, without failing where it is absent. */
final class LibBpfLibrary {
    /** Version 1 is the first with a stable interface. */
    private static final String NAME = "libbpf.so.1";

    private static final @Nullable SymbolLookup LOOKUP = open();

    private LibBpfLibrary() {}

    /**
     * The library.
     *
     * @throws HindsightException UNSUPPORTED_PLATFORM where it is not installed
     */
    static SymbolLookup require() {
        if (LOOKUP == null) {
            throw new HindsightException(
                    ErrorCode.UNSUPPORTED_PLATFORM,
                    "Events by eBPF need libbpf, and "
                            + NAME
                            + " cannot be loaded. Install it: apt-get install -y libbpf1");
        }
        return LOOKUP;
    }

    @SuppressWarnings("restricted") // loading libbpf is this class's purpose
    private static @Nullable SymbolLookup open() {
        try {
            return SymbolLookup.libraryLookup(NAME, Arena.global());
        } catch (IllegalArgumentException absent) {
            return null; // require() tells
        }
    }
}
