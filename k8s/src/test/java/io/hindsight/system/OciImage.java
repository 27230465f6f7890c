package io.hindsight.system;

import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An image in a tar (OCI image layout), unpacked. */
final class OciImage {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Path layout;
    private final Path root;
    private final JsonObject manifest;

    private OciImage(Path layout, Path root) throws IOException {
        this.layout = layout;
        this.root = root;
        JsonObject index = new JsonObject(Files.readString(layout.resolve("index.json")));
        manifest = json(index.getJsonArray("manifests").getJsonObject(0).getString("digest"));
    }

    /** Unpacks the tar, and its layers one over the other. */
    static OciImage unpack(Path tar, Path folder) throws IOException {
        OciImage image = of(tar, folder);
        for (String digest : image.layers()) {
            untar(image.blob(digest), image.root);
        }
        return image;
    }

    /** Unpacks the tar, and none of its layers. */
    static OciImage of(Path tar, Path folder) throws IOException {
        Path layout = Files.createDirectories(folder.resolve("layout"));
        untar(tar, layout);
        return new OciImage(layout, Files.createDirectories(folder.resolve("rootfs")));
    }

    private static void untar(Path file, Path folder) {
        Tools.run(PATIENCE, "tar", "-xf", file.toString(), "--warning=no-unknown-keyword", "-C", folder.toString())
                .succeeded();
    }

    private Path blob(String digest) {
        return layout.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    private JsonObject json(String digest) throws IOException {
        return new JsonObject(Files.readString(blob(digest)));
    }

    /** The layers' digests, in order. */
    List<String> layers() {
        return manifest.getJsonArray("layers").stream().map(layer -> ((JsonObject) layer).getString("digest")).toList();
    }

    /** Entry point, user, environment, labels. */
    JsonObject config() throws IOException {
        return json(manifest.getJsonObject("config").getString("digest")).getJsonObject("config");
    }

    /** The file system. */
    Path root() {
        return root;
    }
}
