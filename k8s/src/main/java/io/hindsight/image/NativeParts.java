package io.hindsight.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The C library, libpcap, libbpf and everything that they and the JVM need, from this machine's Debian packages. */
final class NativeParts {
    /** What is opened by name at run time; {@code libgcc_s} by the C library where a thread is cancelled. */
    private static final List<String> BY_NAME = List.of("libpcap.so.0.8", "libbpf.so.1", "libgcc_s.so.1");

    /** Names of files in UTF-8 need a locale that says so. */
    private static final Path LOCALE = Path.of("/usr/lib/locale/C.utf8");

    /** For example {@code libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)}, {@code /lib64/ld-linux-x86-64.so.2 (0x…)}, {@code x.so => not found}. */
    private static final Pattern LINE = Pattern.compile("\\s*(?:(\\S+) => )?(/\\S+|not found)(?: \\(0x[0-9a-f]+\\))?");

    private final ImageOptions options;
    private final SortedSet<NativePart> parts = new TreeSet<>();

    private NativeParts(ImageOptions options) {
        this.options = options;
    }

    static NativeParts find(ImageOptions options) throws IOException {
        NativeParts found = new NativeParts(options);
        Deque<Path> wanted = new ArrayDeque<>(found.programs());
        for (String name : BY_NAME) {
            Path library = found.byName(name);
            found.add(library);
            wanted.add(library);
        }
        for (Path file : wanted) {
            found.addNeedsOf(file);
        }
        return found;
    }

    /** All that is native in the image so far. */
    private List<Path> programs() throws IOException {
        List<Path> programs = new ArrayList<>();
        programs.add(options.root().resolve("usr/bin/hindsight"));
        try (Stream<Path> files = Files.walk(options.home())) {
            files.filter(file -> file.toString().endsWith(".so") || file.endsWith("bin/java"))
                    .filter(Files::isRegularFile)
                    .forEach(programs::add);
        }
        return programs;
    }

    private Path byName(String name) throws IOException {
        String known = Command.run(List.of("/sbin/ldconfig", "-p"));
        String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
        return known.lines()
                .filter(line -> line.strip().startsWith(name + " ") && line.contains(machine))
                .map(line -> Path.of(line.substring(line.indexOf("=> ") + 3).strip()))
                .findFirst()
                .orElseThrow(() ->
                        new IOException(
                                "The image needs " + name + ": sudo apt-get install -y libpcap0.8 libbpf1 libgcc-s1"));
    }

    private void addNeedsOf(Path file) throws IOException {
        for (String line : Command.run(List.of("ldd", file.toString())).lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                continue; // linux-vdso, or "statically linked"
            }
            if (matcher.group(2).equals("not found")) {
                requireInRuntime(matcher.group(1), file);
            } else if (!Path.of(matcher.group(2)).normalize().startsWith(options.root())) {
                add(Path.of(matcher.group(2)));
            }
        }
    }

    /** libjvm lies in a folder of its own, and is loaded before whatever needs it. */
    private void requireInRuntime(String name, Path file) throws IOException {
        try (Stream<Path> libraries = Files.walk(JavaRuntime.folder(options))) {
            if (libraries.noneMatch(library -> library.getFileName().toString().equals(name))) {
                throw new IOException(file + " needs " + name + ", which is not on this machine.");
            }
        }
    }

    /** The dynamic loader stays where programs name it; libraries go where it looks, whether or not /lib is a link there. */
    private void add(Path library) throws IOException {
        Path file = library.toRealPath();
        boolean loader = library.getFileName().toString().startsWith("ld-linux");
        parts.add(new NativePart(loader ? library : file.resolveSibling(library.getFileName()), file));
    }

    /** The packages that the libraries are from. */
    List<DebianPackage> packages() throws IOException {
        SortedSet<DebianPackage> packages = new TreeSet<>();
        for (NativePart part : parts) {
            packages.add(DebianPackage.of(part.file()));
        }
        packages.add(DebianPackage.of(LOCALE.resolve("LC_CTYPE")));
        return List.copyOf(packages);
    }

    /** Into the image, with each package's licence. */
    void copy() throws IOException {
        for (NativePart part : parts) {
            copy(part.file(), part.place());
        }
        try (Stream<Path> files = Files.walk(LOCALE)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                copy(file, file);
            }
        }
        for (DebianPackage from : packages()) {
            copy(from.copyright(), from.copyright());
        }
    }

    private void copy(Path from, Path place) throws IOException {
        Path to = options.root().resolve(place.toString().substring(1));
        Files.createDirectories(to.getParent());
        Files.copy(from, to);
    }
}
