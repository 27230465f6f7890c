package io.hindsight.image;

import com.google.cloud.tools.jib.api.JibContainer;
import java.nio.file.Path;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the image of the packaged program: {@code ./mvnw -Pimage -DskipTests package} calls it. */
public final class BuildImage {
    private static final Logger LOG = LoggerFactory.getLogger(BuildImage.class);

    private BuildImage() {}

    /** Arguments: the project's root, and the folder for what is made. */
    public static void main(String[] arguments) throws Exception {
        Properties properties = System.getProperties();
        boolean caches = Boolean.parseBoolean(properties.getProperty("image.caches", "true"));
        ImageOptions options = ImageOptions.of(Path.of(arguments[0]), Path.of(arguments[1]), caches).with(properties);
        JibContainer image = build(options);
        LOG.info("image={} digest={} file={}", options.name(), image.getDigest(), ImageTar.file(options));
    }

    /** Puts the file system together, in the order of the layers, and packs it. */
    public static JibContainer build(ImageOptions options) throws Exception {
        ImageFolder folder = new ImageFolder(options);
        folder.clear();
        new JavaRuntime(options).link();
        folder.addProgram();
        NativeParts parts = NativeParts.find(options);
        parts.copy();
        folder.addSystemFiles();
        new BillOfMaterials(options, parts).write();
        folder.settle();
        if (options.caches()) {
            StartupCaches.of(options).train();
            folder.settle();
        }
        return ImageTar.pack(options);
    }
}
