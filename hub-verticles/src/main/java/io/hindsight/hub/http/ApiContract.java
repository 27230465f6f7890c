package io.hindsight.hub.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.MediaType;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The contract: the document as it is served, and as the router reads it.
 *
 * @param document bytes of {@code openapi.yaml}
 * @param contract the same, for routing and validation
 */
record ApiContract(Buffer document, OpenAPIContract contract) {
    private static final String RESOURCE = "openapi.yaml";

    /** Reads the document of the program. */
    static Future<ApiContract> load(Vertx vertx) {
        return vertx.executeBlocking(ApiContract::read)
                .compose(document ->
                        OpenAPIContract.from(vertx, readable(document))
                                .map(contract -> new ApiContract(document, contract)));
    }

    private static Buffer read() throws IOException {
        try (InputStream in = ApiContract.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new FileNotFoundException(RESOURCE);
            }
            return Buffer.buffer(in.readAllBytes());
        }
    }

    private static JsonObject readable(Buffer document) {
        Object yaml = new Load(LoadSettings.builder().build()).loadFromString(document.toString());
        // vertx-openapi 5.0 takes whole addresses alone; only the path counts.
        JsonArray servers = new JsonArray().add(new JsonObject().put("url", "http://hub" + HttpVerticle.API_PREFIX));
        return ((JsonObject) known(JsonObject.mapFrom(yaml))).put("servers", servers);
    }

    /**
     * vertx-openapi 5.0 refuses media types beyond a fixed list, also in responses, which the router does not even look at. So the router's copy names
     * the nearest type that it knows. What is served is the document itself.
     */
    private static Object known(Object node) {
        if (!(node instanceof JsonObject object)) {
            return node;
        }
        JsonObject result = new JsonObject();
        for (Map.Entry<String, Object> entry : object) {
            Object value =
                    switch (entry.getValue()) {
                        case JsonObject content when entry.getKey().equals("content") -> knownTypes(content);
                        case JsonObject child -> known(child);
                        case null -> "";
                        default -> entry.getValue();
                    };
            result.put(entry.getKey(), value);
        }
        return result;
    }

    private static JsonObject knownTypes(JsonObject content) {
        JsonObject result = new JsonObject();
        content.forEach(entry -> result.put(knownType(entry.getKey()), known(entry.getValue())));
        return result;
    }

    /** The type under which the router's copy has this one. */
    static String knownType(String mediaType) {
        if (MediaType.isMediaTypeSupported(mediaType)) {
            return mediaType;
        }
        return mediaType.endsWith("+json") ? MediaType.APPLICATION_JSON : MediaType.APPLICATION_OCTET_STREAM;
    }
}
