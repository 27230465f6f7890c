package io.hindsight.image;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Adds what is in the image besides jars — the JVM and native libraries — to the bill that the build made of the jars (CycloneDX, JSON). */
final class BillOfMaterials {
    private final ImageOptions options;
    private final NativeParts parts;

    BillOfMaterials(ImageOptions options, NativeParts parts) {
        this.options = options;
        this.parts = parts;
    }

    /** Into the image, and beside it. */
    void write() throws IOException {
        if (!Files.exists(options.bill())) {
            throw new IOException(options.bill() + " is not there: package the launcher first.");
        }
        JsonObject bill = new JsonObject(Files.readString(options.bill()));
        bill.getJsonObject("metadata").getJsonObject("component").put("type", "container").put("name", "hindsight");
        JsonArray components = bill.getJsonArray("components");
        components.add(runtime());
        for (DebianPackage each : parts.packages()) {
            components.add(component(each));
        }
        String text = bill.encodePrettily();
        Files.writeString(options.home().resolve("sbom.cdx.json"), text);
        Files.writeString(file(options), text);
    }

    static Path file(ImageOptions options) {
        return options.output().resolve("hindsight-sbom.cdx.json");
    }

    private static JsonObject runtime() {
        String version = Runtime.version().toString();
        String url = "pkg:generic/openjdk@" + version.replace("+", "%2B");
        return new JsonObject()
                .put("type", "platform")
                .put("bom-ref", url)
                .put("publisher", System.getProperty("java.vendor"))
                .put("name", "openjdk")
                .put("version", version)
                .put("purl", url)
                .put("licenses", licenses("GPL-2.0-only WITH Classpath-exception-2.0", "expression"));
    }

    private static JsonObject component(DebianPackage from) throws IOException {
        JsonArray licenses = new JsonArray();
        from.licenses().forEach(name -> licenses.add(license(name)));
        JsonObject component =
                new JsonObject()
                        .put("type", "library")
                        .put("bom-ref", from.packageUrl())
                        .put("name", from.name())
                        .put("version", from.version())
                        .put("purl", from.packageUrl());
        return licenses.isEmpty() ? component : component.put("licenses", licenses);
    }

    private static JsonArray licenses(String words, String key) {
        return new JsonArray().add(new JsonObject().put(key, words));
    }

    private static JsonObject license(String name) {
        return new JsonObject().put("license", new JsonObject().put("name", name));
    }
}
