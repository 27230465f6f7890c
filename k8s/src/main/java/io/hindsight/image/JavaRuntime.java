package io.hindsight.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The runtime of the JDK that runs the build, without what the program never asks for. The same JDK gives the same bytes. */
final class JavaRuntime {
    /**
     * What {@code jdeps} finds in all jars, without {@code java.desktop}: JNA, Jackson and Micrometer name classes of it that they do without.
     * {@code java.rmi} is for a class that Infinispan's transactions name, and {@code java.scripting}, {@code java.security.jgss} and {@code java.desktop} are of protocols of JGroups
     * that no cluster of Hindsight has. And {@code jdk.naming.dns} and {@code jdk.crypto.cryptoki} are not here: nobody looks names up by JNDI, or has keys on a card.
     */
    static final List<String> MODULES =
            List.of(
                    "java.base",
                    "java.compiler",
                    "java.logging",
                    "java.management",
                    "java.naming",
                    "java.rmi",
                    "java.sql",
                    "java.xml",
                    "jdk.httpserver",
                    "jdk.jfr",
                    "jdk.management",
                    "jdk.unsupported");

    private final ImageOptions options;

    JavaRuntime(ImageOptions options) {
        this.options = options;
    }

    void link() throws IOException {
        Path folder = folder(options);
        Command.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jlink").toString(),
                        "--add-modules",
                        String.join(",", MODULES),
                        "--no-man-pages",
                        "--no-header-files",
                        "--output",
                        folder.toString()));
        for (String tool : List.of("jfr", "jwebserver", "keytool")) {
            Files.deleteIfExists(folder.resolve("bin").resolve(tool));
        }
    }

    static Path folder(ImageOptions options) {
        return options.home().resolve("runtime");
    }

    /** {@code bin/java} of the image. */
    static Path java(ImageOptions options) {
        return folder(options).resolve("bin/java");
    }
}
