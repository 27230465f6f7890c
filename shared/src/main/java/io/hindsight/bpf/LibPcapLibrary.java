package io.hindsight.bpf;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds libpcap on this machine, once, without failing where it is absent. */
final class LibPcapLibrary {
    /** The name upstream installs, then the one that Debian and its children kept, then macOS's. */
    private static final List<String> NAMES = List.of("libpcap.so.1", "libpcap.so.0.8", "libpcap.A.dylib");

    private static final @Nullable SymbolLookup LOOKUP = open();

    private LibPcapLibrary() {}

    static boolean isPresent() {
        return LOOKUP != null;
    }

    static SymbolLookup require() {
        if (LOOKUP == null) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED,
                    "Packet filters need libpcap, and none of "
                            + NAMES
                            + " can be loaded. Install it: apt-get install -y libpcap0.8");
        }
        return LOOKUP;
    }

    @SuppressWarnings("restricted") // loading libpcap is this class's purpose
    private static @Nullable SymbolLookup open() {
        for (String name : NAMES) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException absent) {
                // Try the next name; require() reports when there is none.
            }
        }
        return null;
    }
}
