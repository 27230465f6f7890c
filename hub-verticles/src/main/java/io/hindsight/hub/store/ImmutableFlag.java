package io.hindsight.hub.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file attribute "immutable" (chattr +i): not even root writes to, renames or deletes such a file until it is cleared. It needs
 * Linux, CAP_LINUX_IMMUTABLE and a file system that keeps it (ext4, xfs, btrfs, tmpfs since Linux 6.6). Blocks. Thread-safe.
 */
public final class ImmutableFlag {
    private static final Logger LOG = LoggerFactory.getLogger(ImmutableFlag.class);

    // linux/fs.h, for 64-bit kernels
    private static final long FS_IOC_GETFLAGS = 0x8008_6601L;
    private static final long FS_IOC_SETFLAGS = 0x4008_6602L;
    private static final int FS_IMMUTABLE_FL = 0x10;
    private static final int O_RDONLY = 0;

    private ImmutableFlag() {}

    /** Sets or clears the flag; whether it is now as asked. */
    public static boolean set(Path path, boolean immutable) {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            return false; // the C library would take its path for one of this machine
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(path)) {
            return false;
        }
        try (Arena arena = Arena.ofConfined()) {
            return Native.CALLS != null && Native.CALLS.change(arena, path, immutable);
        }
    }

    /**
     * Clears the flag of a folder and of everything below it, so that it can be deleted.
     *
     * @throws IOException where the folder cannot be read
     */
    public static void clearTree(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(folder)) {
            all = walk.toList();
        }
        all.forEach(path -> set(path, false));
    }

    /** The C functions, looked up once. */
    private record Native(MethodHandle open, MethodHandle ioctl, MethodHandle close) {
        static final @Nullable Native CALLS = link();

        private static @Nullable Native link() {
            try {
                return new Native(
                        function("open", 2, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                        function("ioctl", 2, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                        function("close", 1, ValueLayout.JAVA_INT));
            } catch (RuntimeException e) {
                LOG.info("Snapshots cannot be made immutable here: {}", e.getMessage());
                return null;
            }
        }

        @SuppressWarnings("restricted") // the three functions exist in every C library, with these types
        private static MethodHandle function(String name, int fixedArguments, MemoryLayout... arguments) {
            Linker linker = Linker.nativeLinker();
            Linker.Option[] options =
                    arguments.length > fixedArguments
                            ? new Linker.Option[] {Linker.Option.firstVariadicArg(fixedArguments)}
                            : new Linker.Option[0];
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow(name),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
                    options);
        }

        boolean change(Arena arena, Path path, boolean immutable) {
            try {
                int descriptor = (int) open.invokeExact(arena.allocateFrom(path.toString()), O_RDONLY);
                if (descriptor < 0) {
                    return false;
                }
                try {
                    return change(arena, descriptor, immutable);
                } finally {
                    int _ = (int) close.invokeExact(descriptor);
                }
            } catch (Throwable e) {
                throw new LinkageError("A call of the C library failed.", e);
            }
        }

        private boolean change(Arena arena, int descriptor, boolean immutable) throws Throwable {
            MemorySegment flags = arena.allocate(ValueLayout.JAVA_LONG);
            if ((int) ioctl.invokeExact(descriptor, FS_IOC_GETFLAGS, flags) != 0) {
                return false;
            }
            int before = flags.get(ValueLayout.JAVA_INT, 0);
            int after = immutable ? before | FS_IMMUTABLE_FL : before & ~FS_IMMUTABLE_FL;
            flags.set(ValueLayout.JAVA_INT, 0, after);
            return before == after || (int) ioctl.invokeExact(descriptor, FS_IOC_SETFLAGS, flags) == 0;
        }
    }
}
