package io.hindsight.hub.resolve;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON that nobody vouches for, value by value, so that nothing is held but what is asked for. Every method reads the value that the parser stands at. What does not fit is
 * INTEGRITY_VIOLATED; what the parser itself refuses is an {@link IOException}. One thread.
 */
final class JsonRows implements AutoCloseable {
    private static final int LONGEST_TEXT = 16 << 10;
    private static final int DEEPEST = 16;
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(LONGEST_TEXT)
                                    .maxNameLength(LONGEST_TEXT)
                                    .maxNestingDepth(DEEPEST)
                                    .build())
                    // A file of many different names would fill a table that all parsers share.
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build();

    private final JsonParser parser;

    JsonRows(byte[] json) throws IOException {
        parser = FACTORY.createParser(json);
        parser.nextToken();
    }

    /** Reads the value of one field of an object. */
    @FunctionalInterface
    interface FieldReader {
        void read(String field) throws IOException;
    }

    /** Reads one element of a list. */
    @FunctionalInterface
    interface ElementReader {
        void read() throws IOException;
    }

    void object(FieldReader fields) throws IOException {
        require(parser.currentToken() == JsonToken.START_OBJECT, "no object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            fields.read(field);
        }
    }

    void list(int limit, ElementReader elements) throws IOException {
        require(parser.currentToken() == JsonToken.START_ARRAY, "no list");
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(parser.currentToken() != null, "no end of a list");
            require(++count <= limit, "a list of more than " + limit + " entries");
            elements.read();
        }
    }

    String text() throws IOException {
        require(parser.currentToken() == JsonToken.VALUE_STRING, "no text");
        return parser.getText();
    }

    long number() throws IOException {
        require(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, "no whole number");
        return parser.getLongValue();
    }

    int number(int from, int to) throws IOException {
        long number = number();
        require(number >= from && number <= to, "a number outside of " + from + " to " + to);
        return (int) number;
    }

    /** Passes the value over. */
    void skip() throws IOException {
        parser.skipChildren();
    }

    /** Nothing comes after it. */
    void end() throws IOException {
        require(parser.nextToken() == null, "more than one value");
    }

    void require(boolean holds, String problem) {
        if (!holds) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED, problem + " at byte=" + parser.currentLocation().getByteOffset());
        }
    }

    /** The value, which must have been there. */
    <T> T present(@Nullable T value, String field) {
        if (value == null) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED,
                    "no " + field + " before byte=" + parser.currentLocation().getByteOffset());
        }
        return value;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
