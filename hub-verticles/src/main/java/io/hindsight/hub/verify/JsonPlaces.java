package io.hindsight.hub.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/** Where the fields of a JSON document stand. Stateless. */
final class JsonPlaces {
    private static final JsonFactory FACTORY = new JsonFactory();

    /**
     * A value's bytes.
     *
     * @param pointer which field, as a JSON pointer
     * @param offset of its first byte
     * @param length of it
     */
    record Place(String pointer, long offset, long length) {
        boolean contains(long at) {
            return at >= offset && at < offset + length;
        }
    }

    private JsonPlaces() {}

    /** The value of the field, objects and arrays with all that is in them. */
    static Optional<Place> find(byte[] json, String pointer) {
        return walk(json, place -> place.pointer().equals(pointer));
    }

    /** The simple value that holds this byte. */
    static Optional<Place> at(byte[] json, long offset) {
        return walk(json, place -> place.contains(offset));
    }

    private static Optional<Place> walk(byte[] json, Predicate<Place> wanted) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.FIELD_NAME && !token.isStructEnd()) {
                    Place place = place(parser, token);
                    if (wanted.test(place)) {
                        return Optional.of(place);
                    }
                }
            }
            return Optional.empty();
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    private static Place place(JsonParser parser, JsonToken token) throws IOException {
        String pointer = pointer(parser, token);
        long offset = parser.currentTokenLocation().getByteOffset();
        parser.finishToken();
        return new Place(pointer, offset, parser.currentLocation().getByteOffset() - offset);
    }

    /** Inside a structure that has just begun the parser's context is that structure's own. */
    private static String pointer(JsonParser parser, JsonToken token) {
        return (token.isStructStart() ? parser.getParsingContext().getParent() : parser.getParsingContext())
                .pathAsPointer()
                .toString();
    }
}
