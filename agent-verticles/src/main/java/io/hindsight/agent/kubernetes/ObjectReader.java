package io.hindsight.agent.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects out of JSON and leaves out, while reading, what must not be kept, so that nothing behind it ever sees it: managed fields (only their newest time stays),
 * {@code env} and {@code envFrom} of containers, annotations that repeat a whole object and so its environment, and of owners everything but metadata. Members that are
 * null are left out too: a merge patch cannot tell them from absent ones. Not thread-safe.
 */
final class ObjectReader {
    /** The deepest nesting that is read; Kubernetes' own objects stay below 20. */
    static final int MAX_DEPTH = 100;

    private static final Set<String> CONTAINERS = Set.of("containers", "initContainers", "ephemeralContainers");
    private static final Set<String> ENVIRONMENT = Set.of("env", "envFrom");

    /** Annotations in which tools keep the object as it was applied. */
    private static final Set<String> APPLIED =
            Set.of("objectset.rio.cattle.io/applied", "kapp.k14s.io/original", "kapp.k14s.io/original-diff");

    private static final String LAST_APPLIED = "last-applied";

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .disable(
                            JsonFactory.Feature
                                    .INTERN_FIELD_NAMES) // others choose labels: no place for them in the JVM's own
                    // table
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                    .build();

    /** Where in an object the parser stands, as far as it matters. */
    private enum Place {
        ROOT,
        METADATA,
        ANNOTATIONS,
        CONTAINERS,
        CONTAINER,
        ELSEWHERE
    }

    private @Nullable Instant managed;

    static JsonParser parser(byte[] json) throws IOException {
        return FACTORY.createParser(json);
    }

    /** The object at whose opening brace the parser stands; afterwards it stands at the closing one. */
    KubernetesObject read(ResourceKind kind, JsonParser parser) throws IOException {
        managed = null;
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("apiVersion", kind.apiVersion());
        json.put("kind", kind.kind());
        fill(json, parser, Place.ROOT, kind.isMetadataOnly());
        return new KubernetesObject(kind, json, managed);
    }

    private void fill(Map<String, Object> json, JsonParser parser, Place place, boolean metadataOnly)
            throws IOException {
        require(parser, JsonToken.START_OBJECT);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            require(parser, JsonToken.FIELD_NAME);
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (isLeftOut(name, value, place, metadataOnly)) {
                parser.skipChildren();
            } else if (place == Place.METADATA && name.equals("managedFields")) {
                managed = newestManaged(parser);
            } else if (value == JsonToken.VALUE_STRING && place == Place.ANNOTATIONS) {
                keepAnnotation(json, name, parser.getText());
            } else if (value != JsonToken.VALUE_NULL) {
                json.put(name, value(parser, inside(name, value, place)));
            }
        }
    }

    private static boolean isLeftOut(String name, JsonToken value, Place place, boolean metadataOnly) {
        if (place == Place.ROOT) {
            // What a server calls the object is not what it was asked for: PartialObjectMetadata; in lists nothing at
            // all.
            boolean named = name.equals("kind") || name.equals("apiVersion");
            return named || (metadataOnly && value.isStructStart() && !name.equals("metadata"));
        }
        return place == Place.CONTAINER && ENVIRONMENT.contains(name);
    }

    private static Place inside(String name, JsonToken value, Place place) {
        if (place == Place.ROOT && name.equals("metadata")) {
            return Place.METADATA;
        }
        if (place == Place.METADATA) {
            return name.equals("annotations") ? Place.ANNOTATIONS : Place.ELSEWHERE;
        }
        return value == JsonToken.START_ARRAY && CONTAINERS.contains(name) ? Place.CONTAINERS : Place.ELSEWHERE;
    }

    private static void keepAnnotation(Map<String, Object> json, String name, String value) {
        if (!APPLIED.contains(name) && !name.contains(LAST_APPLIED) && !repeatsEnvironment(value)) {
            json.put(name, value);
        }
    }

    /** Whatever a tool calls it: a copy of a container's environment is one. */
    private static boolean repeatsEnvironment(String value) {
        return value.contains("\"env\"") || value.contains("\"envFrom\"");
    }

    private Object value(JsonParser parser, Place place) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                fill(object, parser, place == Place.CONTAINERS ? Place.CONTAINER : place, false);
                yield object;
            }
            case START_ARRAY -> array(parser, place);
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            default -> throw new JsonParseException(parser, "Unexpected " + parser.currentToken());
        };
    }

    private List<Object> array(JsonParser parser, Place place) throws IOException {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NULL) {
                array.add(value(parser, place));
            }
        }
        return array;
    }

    /** {@code metadata.managedFields[].time}. */
    private static @Nullable Instant newestManaged(JsonParser parser) throws IOException {
        Instant newest = null;
        if (!parser.currentToken().isStructStart()) {
            return newest;
        }
        int depth = 1;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                throw new JsonParseException(parser, "The input ends within managed fields");
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (depth == 2 && token == JsonToken.VALUE_STRING && "time".equals(parser.currentName())) {
                newest = ServerTimes.newest(newest, ServerTimes.parse(parser.getText()));
            }
        }
        return newest;
    }

    static void require(JsonParser parser, JsonToken token) throws IOException {
        if (parser.currentToken() != token) {
            throw new JsonParseException(parser, "Expected " + token + ", not " + parser.currentToken());
        }
    }
}
