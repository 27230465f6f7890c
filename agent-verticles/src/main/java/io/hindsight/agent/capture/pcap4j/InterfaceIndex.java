package io.hindsight.agent.capture.pcap4j;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system's index of an interface, by POSIX {@code if_nametoindex}. Java's own {@code NetworkInterface} knows only interfaces that have
 * an address; the host's ends of pods' interfaces often have none.
 */
@SuppressWarnings("restricted") // calling C is this class's purpose
final class InterfaceIndex {
    private static final MethodHandle IF_NAMETOINDEX =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("if_nametoindex"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    private InterfaceIndex() {}

    /** 0 where there is no interface of this name: libpcap lists pseudo devices that are none. */
    static int of(String name) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) IF_NAMETOINDEX.invokeExact(arena.allocateFrom(name));
        } catch (Throwable e) {
            throw new AssertionError("if_nametoindex failed in the JVM", e);
        }
    }
}
