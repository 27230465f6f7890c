package io.hindsight.agent.kubernetes;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A page of a list, read object by object.
 *
 * @param resourceVersion of the list: where a watch goes on from
 * @param next token of the next page; empty: this is the last
 */
record ListPage(String resourceVersion, String next) {
    /** @param objects takes each as it is read */
    static ListPage read(byte[] json, ResourceKind kind, ObjectReader reader, Consumer<KubernetesObject> objects)
            throws IOException {
        String resourceVersion = "";
        String next = "";
        try (JsonParser parser = ObjectReader.parser(json)) {
            parser.nextToken();
            ObjectReader.require(parser, JsonToken.START_OBJECT);
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if ("items".equals(name) && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        objects.accept(reader.read(kind, parser));
                    }
                } else if ("metadata".equals(name) && value == JsonToken.START_OBJECT) {
                    while (parser.nextToken() != JsonToken.END_OBJECT) {
                        String member = parser.currentName();
                        parser.nextToken();
                        switch (member) {
                            case "resourceVersion" -> resourceVersion = parser.getValueAsString("");
                            case "continue" -> next = parser.getValueAsString("");
                            default -> parser.skipChildren();
                        }
                    }
                } else {
                    parser.skipChildren();
                }
            }
        }
        return new ListPage(resourceVersion, next);
    }
}
