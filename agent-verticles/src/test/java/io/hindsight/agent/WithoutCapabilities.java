package io.hindsight.agent;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What a process without privileges meets, for tests that run as root. */
public final class WithoutCapabilities {
    private WithoutCapabilities() {}

    /** Runs something on a thread that has dropped its capabilities; the other threads keep theirs. */
    public static void run(Runnable task) throws InterruptedException {
        RuntimeException[] thrown = new RuntimeException[1];
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                dropCapabilities();
                                task.run();
                            } catch (RuntimeException e) {
                                thrown[0] = e;
                            }
                        });
        thread.join();
        if (thrown[0] != null) {
            throw thrown[0];
        }
    }

    @SuppressWarnings("restricted") // only C can do it
    private static void dropCapabilities() {
        long number = System.getProperty("os.arch").equals("aarch64") ? 91 : 126; // SYS_capset
        MethodHandle capset =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.JAVA_LONG,
                                        ValueLayout.ADDRESS,
                                        ValueLayout.ADDRESS),
                                Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(ValueLayout.JAVA_INT, 0x2008_0522, 0);
            MemorySegment none = arena.allocate(24);
            if ((long) capset.invokeExact(number, header, none) != 0) {
                throw new IllegalStateException("capset failed");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
