package io.hindsight.agent.os.ebpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@code struct bpf_object}: opened, then loaded once, successfully or not. Belongs to one thread. */
final class OpenObject implements AutoCloseable {
    /**
     * The first fields of {@code struct bpf_object_open_opts}: its own length as far as it is filled, and the name that maps get in the kernel.
     */
    private static final int OPTIONS_LENGTH = 16;

    private static final int NAME_OFFSET = 8;

    private static final String NAME = "hindsight";

    /** The verifier's last words are wanted; older ones it throws away by itself (kernel 6.4), or the log says that it is full. */
    private static final int LOG_LENGTH = 256 * 1_024;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment object;
    private final Map<String, MemorySegment> programs = new LinkedHashMap<>();
    private final Map<String, MemorySegment> logs = new LinkedHashMap<>();

    /**
     * Opens an image with only these programs, all where null.
     *
     * @throws HindsightException UNSUPPORTED_PLATFORM where this libbpf cannot read it, INTERNAL where the setup does not fit
     */
    OpenObject(byte[] image, BpfSetup setup, @Nullable Set<String> wanted) {
        object = open(image);
        try {
            findPrograms(wanted);
            setup.maxEntries().forEach((map, entries) -> check(LibBpf.setMaxEntries(map(map), entries), map));
            setup.initialValues().forEach((map, value) -> check(LibBpf.setInitialValue(map(map), value), map));
        } catch (HindsightException e) {
            close();
            throw e;
        }
    }

    private MemorySegment open(byte[] image) {
        MemorySegment copy = arena.allocate(image.length, Long.BYTES);
        MemorySegment.copy(MemorySegment.ofArray(image), 0, copy, 0, image.length);
        MemorySegment options = arena.allocate(OPTIONS_LENGTH, Long.BYTES);
        options.set(JAVA_LONG, 0, OPTIONS_LENGTH);
        options.set(ADDRESS, NAME_OFFSET, arena.allocateFrom(NAME));
        try {
            return LibBpf.open(copy, options);
        } catch (LibBpf.Refusal e) {
            arena.close();
            throw new HindsightException(
                    ErrorCode.UNSUPPORTED_PLATFORM,
                    "libbpf cannot open the programs: "
                            + KernelCalls.errorText(e.errno())
                            + ". It may be too old: apt-get install -y libbpf1",
                    e);
        }
    }

    private void findPrograms(@Nullable Set<String> wanted) {
        MemorySegment program = LibBpf.nextProgram(object, MemorySegment.NULL);
        while (!program.equals(MemorySegment.NULL)) {
            String name = LibBpf.programName(program);
            boolean load = wanted == null || wanted.contains(name);
            check(LibBpf.setAutoload(program, load), name);
            if (load) {
                programs.put(name, program);
            }
            program = LibBpf.nextProgram(object, program);
        }
    }

    /** Names of the programs that are wanted, in the order of the file. */
    List<String> programs() {
        return new ArrayList<>(programs.keySet());
    }

    /** Whether the program hangs on a plain tracepoint. */
    boolean needsTracefs(String program) {
        return place(program).startsWith("tracepoint/");
    }

    /** On what the program hangs, for example {@code tracepoint/syscalls/sys_exit_accept}. */
    String place(String program) {
        return LibBpf.sectionName(program(program));
    }

    /** From now on the verifier's words about a program are kept. */
    void keepLog(String program) {
        MemorySegment log = arena.allocate(LOG_LENGTH);
        check(LibBpf.setLogBuffer(program(program), log), program);
        logs.put(program, log);
    }

    /** What the verifier wrote about a program; empty where it wrote nothing. */
    String log(String program) {
        MemorySegment log = logs.get(program);
        return log == null ? "" : log.getString(0);
    }

    /** Puts maps and programs into the kernel: 0, or {@code -errno}, after which only {@link #close} is left. */
    int load() {
        return LibBpf.load(object);
    }

    /** Has a program run; a link to be destroyed. */
    MemorySegment attach(String program) throws LibBpf.Refusal {
        return LibBpf.attach(program(program));
    }

    int programFd(String program) {
        return check(LibBpf.programFd(program(program)), program);
    }

    int mapFd(String map) {
        return check(LibBpf.mapFd(map(map)), map);
    }

    private MemorySegment program(String name) {
        MemorySegment program = programs.get(name);
        if (program == null) {
            throw new HindsightException(ErrorCode.INTERNAL, "The object has no program=" + name + ".");
        }
        return program;
    }

    private MemorySegment map(String name) {
        MemorySegment map = LibBpf.findMap(object, name);
        if (map.equals(MemorySegment.NULL)) {
            throw new HindsightException(ErrorCode.INTERNAL, "The object has no map=" + name + ".");
        }
        return map;
    }

    private static int check(int result, String what) {
        if (result < 0) {
            throw new HindsightException(
                    ErrorCode.INTERNAL, "libbpf refuses " + what + ": " + KernelCalls.errorText(-result) + ".");
        }
        return result;
    }

    @Override
    public void close() {
        LibBpf.close(object);
        arena.close();
    }
}
