package io.hindsight.agent.os.ebpf;

import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Programs that run in the kernel until this is closed, and if the process dies, until then. What a kernel refuses is left out, one by one, and told:
 * a recorder with six of seven programs is worth more than none. {@link #programs} is for any thread; the rest belongs to one.
 */
public final class BpfObject implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BpfObject.class);

    private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");

    private final OpenObject object;
    private final List<ProgramStatus> programs;
    private final List<MemorySegment> links;
    private final List<Integer> programFds;

    private BpfObject(OpenObject object, List<ProgramStatus> programs, List<MemorySegment> links, List<Integer> fds) {
        this.object = object;
        this.programs = List.copyOf(programs);
        this.links = links;
        this.programFds = fds;
    }

    /**
     * Loads and attaches what the kernel takes.
     *
     * @throws HindsightException MISSING_PRIVILEGE or UNSUPPORTED_PLATFORM where it takes nothing: why, and what to do
     */
    public static BpfObject attach(byte[] image, BpfSetup setup) {
        requirePlatform();
        List<String> names = names(image, setup);
        Map<String, String> refused = new HashMap<>();
        Set<Integer> errors = new LinkedHashSet<>();
        OpenObject object = load(image, setup, names, refused, errors);
        if (object == null) {
            throw nothingRuns(refused, errors);
        }
        List<MemorySegment> links = new ArrayList<>();
        List<Integer> fds = new ArrayList<>();
        for (String program : object.programs()) {
            try {
                links.add(attach(object, program));
                fds.add(object.programFd(program));
            } catch (LibBpf.Refusal e) {
                errors.add(e.errno());
                refused.put(program, attachRefusal(object, program, e.errno()));
            }
        }
        BpfObject attached = new BpfObject(object, statuses(names, refused), links, fds);
        if (links.isEmpty()) {
            attached.close();
            throw nothingRuns(refused, errors);
        }
        refused.forEach((program, reason) -> LOG.warn("Not attached: program={} reason={}", program, reason));
        return attached;
    }

    private static void requirePlatform() {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new HindsightException(ErrorCode.UNSUPPORTED_PLATFORM, "Events by eBPF need Linux.");
        }
        LibBpfLibrary.require();
        if (!Files.exists(KERNEL_TYPES)) {
            throw new HindsightException(
                    ErrorCode.UNSUPPORTED_PLATFORM,
                    "Events by eBPF need a kernel that describes its types, and "
                            + KERNEL_TYPES
                            + " is missing: kernel 5.8 or newer with CONFIG_DEBUG_INFO_BTF=y.");
        }
    }

    /** All at once; where that fails, each alone, and then those that can be loaded. Null where none can. */
    private static @Nullable OpenObject load(
            byte[] image, BpfSetup setup, List<String> names, Map<String, String> refused, Set<Integer> errors) {
        OpenObject whole = loaded(image, setup, null);
        if (whole != null) {
            return whole;
        }
        Set<String> good = new LinkedHashSet<>();
        for (String program : names) {
            int errno = tryAlone(image, setup, program, refused);
            if (errno == 0) {
                good.add(program);
            } else {
                errors.add(errno);
            }
        }
        return good.isEmpty() ? null : loaded(image, setup, good);
    }

    private static @Nullable OpenObject loaded(byte[] image, BpfSetup setup, @Nullable Set<String> wanted) {
        OpenObject object = new OpenObject(image, setup, wanted);
        if (object.load() == 0) {
            return object;
        }
        object.close();
        return null;
    }

    private static int tryAlone(byte[] image, BpfSetup setup, String program, Map<String, String> refused) {
        try (OpenObject object = new OpenObject(image, setup, Set.of(program))) {
            object.keepLog(program);
            int errno = -object.load();
            if (errno != 0) {
                String words = VerifierLog.lastWords(object.log(program));
                refused.put(
                        program,
                        "The kernel refuses to load it: "
                                + KernelCalls.errorText(errno)
                                + (words.isEmpty() ? "." : "; " + words + "."));
            }
            return errno;
        }
    }

    private static List<String> names(byte[] image, BpfSetup setup) {
        try (OpenObject object = new OpenObject(image, setup, null)) {
            return object.programs();
        }
    }

    private static MemorySegment attach(OpenObject object, String program) throws LibBpf.Refusal {
        if (object.needsTracefs(program) && Tracefs.require() != null) {
            throw new LibBpf.Refusal(KernelCalls.ENOENT);
        }
        return object.attach(program);
    }

    private static String attachRefusal(OpenObject object, String program, int errno) {
        String tracefs = object.needsTracefs(program) ? Tracefs.require() : null;
        if (tracefs != null) {
            return "It cannot be attached: " + tracefs + ".";
        }
        return errno == KernelCalls.ENOENT
                ? "This kernel has no " + object.place(program) + "."
                : "The kernel refuses to attach it to "
                        + object.place(program)
                        + ": "
                        + KernelCalls.errorText(errno)
                        + ".";
    }

    private static List<ProgramStatus> statuses(List<String> names, Map<String, String> refused) {
        return names.stream()
                .map(name -> new ProgramStatus(name, !refused.containsKey(name), refused.get(name)))
                .toList();
    }

    private static HindsightException nothingRuns(Map<String, String> refused, Set<Integer> errors) {
        Map<String, TreeSet<String>> programs = new TreeMap<>();
        refused.forEach((name, reason) -> programs.computeIfAbsent(reason, none -> new TreeSet<>()).add(name));
        String reasons =
                programs.entrySet().stream()
                        .map(entry -> String.join(", ", entry.getValue()) + ": " + entry.getKey())
                        .collect(Collectors.joining(" "));
        if (errors.contains(KernelCalls.EPERM)) {
            return new HindsightException(
                    ErrorCode.MISSING_PRIVILEGE,
                    "Events by eBPF need the privileges CAP_BPF and CAP_PERFMON, which this process lacks, or the kernel is locked down. Run: sudo ./hindsight up. "
                            + reasons);
        }
        return new HindsightException(
                ErrorCode.UNSUPPORTED_PLATFORM,
                "This kernel, "
                        + System.getProperty("os.version")
                        + ", takes none of the programs; they need 5.8 or newer with CONFIG_BPF_SYSCALL and CONFIG_DEBUG_INFO_BTF. "
                        + reasons);
    }

    /** Each program of the image, in its order. Any thread. */
    public List<ProgramStatus> programs() {
        return programs;
    }

    /** Descriptor of a map, by its name or, with a dot, its section; this object's own. */
    public int mapFd(String map) {
        return object.mapFd(map);
    }

    /** Maps the variables of a section into memory, to be read, until the segment is {@linkplain #unmap unmapped}. */
    public MemorySegment mapSection(String section, long lengthBytes) {
        return KernelCalls.map(mapFd(section), 0, lengthBytes, KernelCalls.PROT_READ, section);
    }

    /** Takes back what {@link #mapSection} gave. */
    public static void unmap(MemorySegment section) {
        KernelCalls.unmap(section);
    }

    /**
     * How often a program was not run, because on the same processor it was running already, beneath an interrupt. The kernel counts these since 5.12
     * ({@code recursion_misses}); before it, none are known.
     */
    public long missedRuns() {
        long missed = 0;
        for (int fd : programFds) {
            missed += ProgramInfo.missedRuns(fd);
        }
        return missed;
    }

    /** No program runs any more; what they have written, and counted, can still be read. */
    public void detach() {
        for (MemorySegment link : links) {
            int result = LibBpf.destroyLink(link);
            if (result < 0) {
                LOG.warn("A program could not be detached: {}", KernelCalls.errorText(-result));
            }
        }
        links.clear();
    }

    /** Takes the programs out of the kernel and frees everything. Call it once. */
    @Override
    public void close() {
        detach();
        object.close();
    }
}
