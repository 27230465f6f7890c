package io.hindsight.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Packs the folder as an OCI image in one tar. What changes least comes first, so that a new version shares layers with the last. */
final class ImageTar {
    private static final String DATA = "/var/lib/hindsight";

    private ImageTar() {}

    static Path file(ImageOptions options) {
        return options.output().resolve("hindsight-image.tar");
    }

    static JibContainer pack(ImageOptions options) throws Exception {
        JibContainerBuilder image = options.base().equals("scratch") ? Jib.fromScratch() : Jib.from(options.base());
        image.setFormat(ImageFormat.OCI)
                .setPlatforms(Set.of(new Platform(architecture(), "linux")))
                .setCreationTime(Instant.EPOCH)
                .setUser(ImageFolder.USER + ":" + ImageFolder.USER)
                .setEnvironment(environment())
                .setLabels(labels(options))
                .setVolumes(AbsoluteUnixPath.get(DATA))
                .setEntrypoint("/usr/bin/hindsight");
        for (FileEntriesLayer layer : layers(options)) {
            image.addFileEntriesLayer(layer);
        }
        Files.deleteIfExists(file(options));
        return image.containerize(
                Containerizer.to(TarImage.at(file(options)).named(ImageReference.parse(options.name())))
                        .setApplicationLayersCache(options.output().resolve("layers"))
                        .setBaseImageLayersCache(options.output().resolve("base"))
                        .setToolName("hindsight"));
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", "/usr/bin");
        environment.put("LANG", "C.UTF-8");
        environment.put("HINDSIGHT_DATA", DATA);
        return environment;
    }

    private static Map<String, String> labels(ImageOptions options) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("org.opencontainers.image.title", "Hindsight");
        labels.put("org.opencontainers.image.description", "A flight recorder for Kubernetes networks");
        labels.put("org.opencontainers.image.licenses", "Apache-2.0");
        labels.put("org.opencontainers.image.version", options.version());
        labels.put("org.opencontainers.image.revision", options.revision());
        labels.put("org.opencontainers.image.base.name", options.base());
        return labels;
    }

    private static List<FileEntriesLayer> layers(ImageOptions options) throws IOException {
        Predicate<String> runtime = path -> path.startsWith("/opt/hindsight/runtime/");
        Predicate<String> libraries = path -> path.startsWith("/opt/hindsight/lib/") && !own(path);
        Predicate<String> caches = path -> path.startsWith("/opt/hindsight/cache/");
        Predicate<String> program =
                path ->
                        (path.startsWith("/opt/") && !runtime.or(libraries).or(caches).test(path))
                                || path.equals("/usr/bin/hindsight");
        Predicate<String> system = path -> !path.startsWith("/opt/") && !program.test(path);
        return List.of(
                layer(options, "system", system),
                layer(options, "runtime", runtime),
                layer(options, "libraries", libraries),
                layer(options, "program", program),
                layer(options, "caches", caches));
    }

    private static boolean own(String path) {
        return path.matches(".*/(launcher|shared-[^/]*|agent-verticles-[^/]*|hub-verticles-[^/]*)\\.jar");
    }

    private static FileEntriesLayer layer(ImageOptions options, String name, Predicate<String> chosen)
            throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        try (Stream<Path> files = Files.walk(options.root())) {
            for (Path file : files.sorted().toList()) {
                String path = "/" + options.root().relativize(file);
                if (isMade(file, path) && chosen.test(path)) {
                    layer.addEntry(
                            file, AbsoluteUnixPath.get(path), permissions(file, path), ImageFolder.TIME, owner(path));
                }
            }
        }
        return layer.build();
    }

    /** Folders on the way come by themselves: only those that are empty are named. */
    private static boolean isMade(Path file, String path) {
        return Files.isRegularFile(file) || path.equals("/tmp") || path.equals(DATA);
    }

    private static FilePermissions permissions(Path file, String path) {
        if (path.equals("/tmp")) {
            return FilePermissions.fromOctalString("777");
        }
        return FilePermissions.fromOctalString(Files.isExecutable(file) || Files.isDirectory(file) ? "755" : "644");
    }

    private static String owner(String path) {
        return path.equals(DATA) ? ImageFolder.USER + ":" + ImageFolder.USER : "0:0";
    }
}
