package io.hindsight.hub.timeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.hindsight.chunk.DropCause;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.TimeWindow;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code timeline.json} (FORMAT.md, section 4.6), written and read piece by piece.
 *
 * <pre>
 * {"formatVersion":1, "bucketNs":…, "kinds":[name, …],
 *  "nodes":[{"node":name, "buckets":[[number, packets, captured, original, kernel, ring, oversize, rate_limit, kind, count, kind, count, …], …]}, …]}
 * </pre>
 *
 * A bucket's number is that of its first instant in buckets since the epoch; buckets stand in ascending order, empty ones are left out. Readers trust
 * nothing: every number and count has its bound. Stateless.
 */
final class TimelineCodec {
    static final int FORMAT_VERSION = 1;

    /** Buckets of a file that is read: more than any that is written. */
    static final int MAX_READ_BUCKETS = 2 * TimelineResolution.MAX_BUCKETS;

    private static final int MAX_NAME_LENGTH = 253;
    private static final JsonFactory JSON = new JsonFactory();
    private static final DropCause[] CAUSES = DropCause.values();

    private TimelineCodec() {}

    static void write(TimelineData data, OutputStream out) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeNumberField("formatVersion", FORMAT_VERSION);
            json.writeNumberField("bucketNs", data.bucketNs());
            json.writeArrayFieldStart("kinds");
            for (String kind : data.kinds().names()) {
                json.writeString(kind);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("nodes");
            for (Map.Entry<String, NodeBuckets> node : data.nodes().entrySet()) {
                write(node.getKey(), node.getValue(), json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void write(String name, NodeBuckets node, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("node", name);
        json.writeArrayFieldStart("buckets");
        for (Map.Entry<Long, BucketCounts> bucket : node.buckets().entrySet()) {
            write(bucket.getKey(), bucket.getValue(), json);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(long number, BucketCounts counts, JsonGenerator json) throws IOException {
        json.writeStartArray();
        json.writeNumber(number);
        json.writeNumber(counts.packets());
        json.writeNumber(counts.capturedBytes());
        json.writeNumber(counts.originalBytes());
        for (DropCause cause : CAUSES) {
            json.writeNumber(counts.drops(cause.position()));
        }
        for (int place = 0; place < counts.kindCount(); place++) {
            json.writeNumber(counts.kind(place));
            json.writeNumber(counts.events(place));
        }
        json.writeEndArray();
    }

    /**
     * What the file says.
     *
     * @param window of the snapshot
     * @throws HindsightException INTEGRITY_VIOLATED where it is not what {@link #write} writes
     */
    static TimelineData read(byte[] file, TimeWindow window) {
        try (JsonParser json = JSON.createParser(file)) {
            return new Reading(json, window).run();
        } catch (IOException | ArithmeticException e) {
            throw broken(String.valueOf(e.getMessage()), e);
        }
    }

    private static HindsightException broken(String what, @Nullable Throwable cause) {
        String message = "The stored timeline cannot be read: " + what + ".";
        return cause == null
                ? new HindsightException(ErrorCode.INTEGRITY_VIOLATED, message)
                : new HindsightException(ErrorCode.INTEGRITY_VIOLATED, message, cause);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw broken(what, null);
        }
    }

    /** One pass over a file. */
    private static final class Reading {
        private final JsonParser json;
        private final TimeWindow window;
        private final EventKinds kinds = new EventKinds();
        private final Map<String, NodeBuckets> nodes = new LinkedHashMap<>();
        private long bucketNs;
        private int kindCount;
        private int bucketCount;

        Reading(JsonParser json, TimeWindow window) {
            this.json = json;
            this.window = window;
        }

        TimelineData run() throws IOException {
            require(json.nextToken() == JsonToken.START_OBJECT, "it is no object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "formatVersion" -> require(number() == FORMAT_VERSION, "its format version is not known");
                    case "bucketNs" -> bucketNs = number();
                    case "kinds" -> readKinds();
                    case "nodes" -> readNodes();
                    default -> json.skipChildren();
                }
            }
            require(bucketNs > 0, "it has no length of buckets");
            return new TimelineData(bucketNs, kinds, nodes);
        }

        private long number() throws IOException {
            require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, "a number is missing");
            return json.getLongValue();
        }

        private long count() throws IOException {
            long count = number();
            require(count >= 0, "a count is negative");
            return count;
        }

        private String name() throws IOException {
            require(json.currentToken() == JsonToken.VALUE_STRING, "a name is missing");
            require(json.getTextLength() <= MAX_NAME_LENGTH, "a name is too long");
            return json.getText();
        }

        private void readKinds() throws IOException {
            require(json.currentToken() == JsonToken.START_ARRAY, "its kinds are no list");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                require(kindCount < EventKinds.MAX_KINDS, "it has too many kinds");
                require(kinds.number(name()) == kindCount, "a kind comes twice");
                kindCount++;
            }
        }

        private void readNodes() throws IOException {
            require(bucketNs > 0, "the length of its buckets does not come first");
            require(json.currentToken() == JsonToken.START_ARRAY, "its nodes are no list");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                require(json.currentToken() == JsonToken.START_OBJECT, "a node is no object");
                readNode();
            }
        }

        private void readNode() throws IOException {
            NodeBuckets buckets = new NodeBuckets(window, bucketNs);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "node" -> require(nodes.put(name(), buckets) == null, "a node comes twice");
                    case "buckets" -> readBuckets(buckets);
                    default -> json.skipChildren();
                }
            }
        }

        private void readBuckets(NodeBuckets buckets) throws IOException {
            require(json.currentToken() == JsonToken.START_ARRAY, "a node's buckets are no list");
            long least = Math.floorDiv(window.fromNs(), bucketNs);
            long last = Math.floorDiv(window.toNs() - 1, bucketNs);
            while (json.nextToken() != JsonToken.END_ARRAY) {
                require(json.currentToken() == JsonToken.START_ARRAY, "a bucket is no list");
                require(++bucketCount <= MAX_READ_BUCKETS, "it has too many buckets");
                json.nextToken();
                long number = number();
                require(number >= least && number <= last, "a bucket is out of order, or outside of the window");
                buckets.put(number, readCounts());
                least = number + 1;
            }
        }

        private BucketCounts readCounts() throws IOException {
            BucketCounts counts = new BucketCounts();
            counts.packets(nextCount(), nextCount(), nextCount());
            for (DropCause cause : CAUSES) {
                counts.drop(cause.position(), nextCount());
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                long kind = count();
                require(kind < kindCount, "a bucket has a kind that there is none of");
                counts.event((int) kind, nextCount());
            }
            return counts;
        }

        private long nextCount() throws IOException {
            json.nextToken();
            return count();
        }
    }
}
