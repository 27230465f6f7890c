package io.hindsight.image;

import java.nio.file.Path;
import java.util.Properties;

/**
 * What an image is made of, and what it is to be.
 *
 * @param app the packaged program: {@code lib/} with all jars
 * @param sources the launcher's {@code src/main}: options of the JVM, the entry point in C
 * @param bill the program's bill of materials, as the build made it (CycloneDX, JSON)
 * @param project the root of the project: its licence and notice
 * @param output where the image and all that leads to it is written
 * @param base {@code scratch}, or an image of a registry that has nothing of its own in the places used here
 * @param name what the image is called, with its tag
 * @param version of the program
 * @param revision the commit it is made from
 * @param caches whether it holds start-up caches, which are not the same bytes twice
 */
public record ImageOptions(
        Path app,
        Path sources,
        Path bill,
        Path project,
        Path output,
        String base,
        String name,
        String version,
        String revision,
        boolean caches) {
    /** Everything made from scratch, from the folders that the build leaves below the project's root. */
    public static ImageOptions of(Path project, Path output, boolean caches) {
        Path launcher = project.resolve("launcher");
        return new ImageOptions(
                launcher.resolve("target/app"),
                launcher.resolve("src/main"),
                launcher.resolve("target/bom.json"),
                project,
                output,
                "scratch",
                "hindsight:latest",
                "unknown",
                "unknown",
                caches);
    }

    /** The same with what the build says: {@code image.base}, {@code image.name}, {@code image.version}, {@code image.revision}. */
    ImageOptions with(Properties properties) {
        return new ImageOptions(
                app,
                sources,
                bill,
                project,
                output,
                properties.getProperty("image.base", base),
                properties.getProperty("image.name", name),
                properties.getProperty("image.version", version),
                properties.getProperty("image.revision", revision),
                caches);
    }

    /** Where the image's file system is put together. */
    Path root() {
        return output.resolve("root");
    }

    /** The program's place in it. */
    Path home() {
        return root().resolve("opt/hindsight");
    }
}
