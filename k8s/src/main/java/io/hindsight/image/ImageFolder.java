package io.hindsight.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/** The image's file system, put together in a folder. */
final class ImageFolder {
    /** Every file's time, in the image as in the folder: the JVM takes a start-up cache only for jars of the time and size it was made with. */
    static final Instant TIME = Instant.ofEpochSecond(1);

    /** The user that is nobody else's, whose name shows in listings. */
    static final String USER = "10001";

    private static final List<String> ROLES = List.of("agent", "hub", "up", "client");

    private final ImageOptions options;

    ImageFolder(ImageOptions options) {
        this.options = options;
    }

    /** Removes what an earlier build left. */
    void clear() throws IOException {
        if (Files.exists(options.root())) {
            Files.walkFileTree(options.root(), new Deleting());
        }
        Files.createDirectories(options.home());
    }

    /** Jars, the options of each role, the entry point, and the native part of Netty, which else unpacks itself into {@code /tmp} at each start. */
    void addProgram() throws IOException {
        Path home = options.home();
        Path libraries = Files.createDirectories(home.resolve("lib"));
        try (Stream<Path> jars = Files.list(options.app().resolve("lib"))) {
            for (Path jar : jars.sorted().toList()) {
                Files.copy(jar, libraries.resolve(jar.getFileName()));
            }
        }
        Path jvm = Files.createDirectories(home.resolve("jvm"));
        for (String role : ROLES) {
            Files.copy(options.sources().resolve("jvm").resolve(role + ".args"), jvm.resolve(role + ".args"));
        }
        for (String text : List.of("LICENSE", "NOTICE")) {
            Files.copy(options.project().resolve(text), home.resolve(text));
        }
        addEpoll(libraries, Files.createDirectories(home.resolve("native")));
        compileEntryPoint();
    }

    private static void addEpoll(Path libraries, Path folder) throws IOException {
        String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        String library = "libnetty_transport_native_epoll_" + machine + ".so";
        try (Stream<Path> jars = Files.list(libraries)) {
            for (Path path : jars.filter(jar -> jar.toString().contains("native-epoll")).toList()) {
                try (JarFile jar = new JarFile(path.toFile())) {
                    ZipEntry entry = jar.getEntry("META-INF/native/" + library);
                    if (entry != null) {
                        try (InputStream bytes = jar.getInputStream(entry)) {
                            Files.copy(bytes, folder.resolve(library));
                        }
                        return;
                    }
                }
            }
        }
        throw new IOException("No jar of " + libraries + " holds " + library + ".");
    }

    private void compileEntryPoint() throws IOException {
        Path program = options.root().resolve("usr/bin/hindsight");
        Files.createDirectories(program.getParent());
        String source = options.sources().resolve("c/hindsight.c").toString();
        Command.run(
                List.of(
                        compiler(),
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-s",
                        "-Wl,--build-id=none",
                        "-o",
                        program.toString(),
                        source));
    }

    private static String compiler() throws IOException {
        for (String name : List.of("cc", "clang")) {
            for (String folder : System.getenv("PATH").split(":", -1)) {
                if (Files.isExecutable(Path.of(folder, name))) {
                    return name;
                }
            }
        }
        throw new IOException("The entry point needs a C compiler: sudo apt-get install -y clang libc6-dev");
    }

    /** What the C library reads, and the folders that the program writes to. */
    void addSystemFiles() throws IOException {
        Path etc = Files.createDirectories(options.root().resolve("etc"));
        Files.writeString(
                etc.resolve("passwd"),
                "root:x:0:0:root:/root:/sbin/nologin\nhindsight:x:"
                        + USER
                        + ":"
                        + USER
                        + "::/var/lib/hindsight:/sbin/nologin\n");
        Files.writeString(etc.resolve("group"), "root:x:0:\nhindsight:x:" + USER + ":\n");
        Files.writeString(etc.resolve("nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
        Files.createDirectories(options.root().resolve("tmp"));
        Files.createDirectories(options.root().resolve("var/lib/hindsight"));
    }

    /** Gives every file and folder the one time. */
    void settle() throws IOException {
        FileTime time = FileTime.from(TIME);
        try (Stream<Path> files = Files.walk(options.root())) {
            for (Path file : files.toList()) {
                if (!Files.isSymbolicLink(file)) {
                    Files.setLastModifiedTime(file, time);
                }
            }
        }
    }

    private static final class Deleting extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
