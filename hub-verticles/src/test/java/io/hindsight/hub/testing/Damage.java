package io.hindsight.hub.testing;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.hub.store.DigestList;
import io.hindsight.hub.store.IndexDescriptor;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.testing.ChunkFixtures;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Something that may happen to {@link SealedFixture}'s snapshot: node-1 with six chunks, node-2 with three.
 *
 * @param name for people
 * @param stroke does it: to the folder, with a folder of another snapshot at hand
 * @param places where a verifier has to point
 * @param maxFindings how many violations may be told
 */
public record Damage(String name, Stroke stroke, List<Place> places, int maxFindings) {
    private static final String DATA = "node-1.pcapng";
    private static final String INDEX = "node-1.index";
    private static final String MANIFEST = "manifest.json";
    private static final String TIMELINE = "timeline.json";
    private static final String LIST = "manifest.sha256";

    /** Damages a folder. */
    @FunctionalInterface
    public interface Stroke {
        void inflict(Path folder, Path other) throws IOException;
    }

    /**
     * What a violation has to say.
     *
     * @param file it names
     * @param kind of it
     * @param chunk number, where it must name one
     * @param offset that its stretch must hold; null: none asked for
     * @param field of the manifest, where it must name one
     */
    public record Place(String file, Kind kind, @Nullable Long chunk, @Nullable Long offset, @Nullable String field) {
        /** In a file. */
        public Place(String file, Kind kind, @Nullable Long chunk, @Nullable Long offset) {
            this(file, kind, chunk, offset, null);
        }

        /** Whether the violation says that. */
        public boolean isToldBy(Violation violation) {
            return violation.file().equals(file)
                    && violation.kind() == kind
                    && (chunk == null || chunk.equals(violation.chunk()))
                    && (field == null || field.equals(violation.field()))
                    && (offset == null || isWithin(offset, violation.offset(), violation.bytes()));
        }

        private static boolean isWithin(long at, @Nullable Long from, @Nullable Long length) {
            return from != null && length != null && at >= from && at < from + length;
        }
    }

    /** Does it. */
    public void inflict(Path folder, Path other) throws IOException {
        stroke.inflict(folder, other);
    }

    /** Names of the files that may be blamed. */
    public List<String> files() {
        return places.stream().map(Place::file).distinct().toList();
    }

    @Override
    public String toString() {
        return name;
    }

    /** The table. */
    public static Stream<Damage> all() {
        return Stream.of(chunks(), files_(), indexes(), manifests(), lists()).flatMap(damages -> damages);
    }

    private static Stream<Damage> chunks() {
        return Stream.of(
                order("first chunk left out", List.of(missing(0)), 1, 2, 3, 4, 5),
                order("middle chunk left out", List.of(missing(2)), 0, 1, 3, 4, 5),
                order("last chunk left out", List.of(missing(5)), 0, 1, 2, 3, 4),
                order("two runs of chunks left out", List.of(missing(1), missing(4)), 0, 3, 5),
                order("all chunks left out", List.of(missing(0))),
                order("neighbours swapped", List.of(moved(0, 0), moved(1, 1)), 1, 0, 2, 3, 4, 5),
                order("far ones swapped", List.of(moved(1, 1), moved(4, 4)), 0, 4, 2, 3, 1, 5),
                order("last chunk moved to the front", List.of(moved(0, 0)), 5, 0, 1, 2, 3, 4),
                order("chunk repeated in place of another", List.of(repeated(1), missing(1)), 0, 0, 2, 3, 4, 5),
                order("chunk repeated, put in", List.of(repeated(3)), 0, 1, 2, 2, 3, 4, 5),
                order("chunk repeated at the end", List.of(repeated(6)), 0, 1, 2, 3, 4, 5, 1),
                data(
                        "chunk of another node put in",
                        List.of(added(2)),
                        (mine, other) -> insert(mine, 2, TestChunks.packets("node-2", 3, 5).get(1))),
                data(
                        "chunk of a node that is not in the snapshot at the end",
                        List.of(added(6)),
                        (mine, other) -> insert(mine, 6, TestChunks.packets("node-7", 3, 5).get(1))),
                data(
                        "chunk of another snapshot put in",
                        List.of(added(4)),
                        (mine, other) -> insert(mine, 4, TestChunks.packets("node-1", 9, 7).get(8))),
                data(
                        "chunk of another snapshot in place of one with its sequence",
                        List.of(changed(3)),
                        (mine, other) -> replace(mine, 3, TestChunks.packets("node-1", 6, 7).get(3))));
    }

    private static Stream<Damage> files_() {
        long end = size(6);
        return Stream.of(
                bytes(
                        "cut within the last chunk",
                        DATA,
                        new Place(DATA, Kind.CUT_OFF, 5L, size(5)),
                        b -> Arrays.copyOf(b, b.length - 7)),
                bytes(
                        "cut within the first header",
                        DATA,
                        new Place(DATA, Kind.CHANGED, 0L, 0L),
                        b -> Arrays.copyOf(b, 50)),
                bytes("emptied", DATA, new Place(DATA, Kind.MISSING, 0L, 0L), b -> new byte[0]),
                bytes(
                        "extended by zeros",
                        DATA,
                        new Place(DATA, Kind.ADDED, 6L, end),
                        b -> Arrays.copyOf(b, b.length + 3)),
                bytes(
                        "a header destroyed",
                        DATA,
                        new Place(DATA, Kind.CHANGED, 3L, size(3)),
                        b -> {
                            Arrays.fill(b, (int) size(3), (int) size(3) + 100, (byte) 7);
                            return b;
                        }),
                bytes(
                        "a byte taken out of a chunk",
                        DATA,
                        new Place(DATA, Kind.CUT_OFF, 2L, size(2) + 900),
                        b -> remove(b, (int) size(2) + 900)),
                file(
                        "data file removed",
                        new Place(DATA, Kind.MISSING, null, null),
                        (folder, other) -> Files.delete(folder.resolve(DATA))),
                file(
                        "index removed",
                        new Place(INDEX, Kind.MISSING, null, null),
                        (folder, other) -> Files.delete(folder.resolve(INDEX))),
                file(
                        "list removed",
                        new Place(LIST, Kind.MISSING, null, null),
                        (folder, other) -> Files.delete(folder.resolve(LIST))),
                file(
                        "manifest removed",
                        new Place(MANIFEST, Kind.MISSING, null, null),
                        (folder, other) -> Files.delete(folder.resolve(MANIFEST))),
                file(
                        "derived file removed",
                        new Place(TIMELINE, Kind.MISSING, null, null),
                        (folder, other) -> Files.delete(folder.resolve(TIMELINE))),
                file(
                        "derived file of another snapshot",
                        new Place(TIMELINE, Kind.CHANGED, null, 0L),
                        (folder, other) -> copy(other.resolve(TIMELINE), folder.resolve(TIMELINE))),
                file(
                        "derived file that the manifest does not name added",
                        new Place("resolution.json", Kind.ADDED, null, null),
                        (folder, other) -> copy(other.resolve(TIMELINE), folder.resolve("resolution.json"))),
                file(
                        "derived file is a symbolic link to its copy",
                        new Place(TIMELINE, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> link(folder.resolve(TIMELINE), other.resolve(TIMELINE))),
                file(
                        "derived file is a pipe",
                        new Place(TIMELINE, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> pipe(folder.resolve(TIMELINE))),
                file(
                        "file added",
                        new Place("notes.txt", Kind.ADDED, null, null),
                        (folder, other) -> Files.writeString(folder.resolve("notes.txt"), "x")),
                file(
                        "folder added",
                        new Place("more", Kind.ADDED, null, null),
                        (folder, other) -> Files.createDirectory(folder.resolve("more"))),
                file(
                        "hidden pipe added",
                        new Place(".pipe", Kind.ADDED, null, null),
                        (folder, other) -> pipe(folder.resolve(".pipe"))),
                file(
                        "data file is a symbolic link to its copy",
                        new Place(DATA, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> link(folder.resolve(DATA), other.resolve(DATA))),
                file(
                        "index is a symbolic link to nowhere",
                        new Place(INDEX, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> link(folder.resolve(INDEX), Path.of("/nonexistent"))),
                file(
                        "data file is a pipe",
                        new Place(DATA, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> pipe(folder.resolve(DATA))),
                file(
                        "manifest is a pipe",
                        new Place(MANIFEST, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> pipe(folder.resolve(MANIFEST))),
                file(
                        "list is an endless device",
                        new Place(LIST, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> link(folder.resolve(LIST), Path.of("/dev/zero"))),
                file(
                        "data file is a folder",
                        new Place(DATA, Kind.NOT_A_FILE, null, null),
                        (folder, other) -> {
                            Files.delete(folder.resolve(DATA));
                            Files.createDirectory(folder.resolve(DATA));
                        }),
                new Damage(
                        "data files exchanged",
                        (folder, other) -> exchange(folder.resolve(DATA), folder.resolve("node-2.pcapng")),
                        List.of(
                                new Place(DATA, Kind.ADDED, 0L, 0L),
                                new Place(DATA, Kind.MISSING, 0L, 0L),
                                new Place("node-2.pcapng", Kind.ADDED, 0L, 0L)),
                        4));
    }

    private static Stream<Damage> indexes() {
        int length = IndexDescriptor.RECORD_LENGTH;
        return Stream.of(
                bytes("record left out", INDEX, record(Kind.MISSING, 2), b -> cut(b, at(2), at(3))),
                bytes("last record left out", INDEX, record(Kind.MISSING, 5), b -> cut(b, at(5), at(6))),
                bytes(
                        "record repeated",
                        INDEX,
                        record(Kind.REPEATED, 3),
                        b -> join(cut(b, at(3), b.length), cut(b, 0, at(2)))),
                bytes("index cut within a record", INDEX, record(Kind.MISSING, 5), b -> Arrays.copyOf(b, b.length - 5)),
                bytes(
                        "index extended",
                        INDEX,
                        new Place(INDEX, Kind.CUT_OFF, 6L, (long) at(6)),
                        b -> Arrays.copyOf(b, b.length + 9)),
                bytes(
                        "index cut within its header",
                        INDEX,
                        new Place(INDEX, Kind.CUT_OFF, null, 11L),
                        b -> Arrays.copyOf(b, 11)),
                new Damage(
                        "records swapped",
                        edit(
                                INDEX,
                                b -> {
                                    byte[] third = Arrays.copyOfRange(b, at(3), at(3) + length);
                                    System.arraycopy(b, at(1), b, at(3), length);
                                    System.arraycopy(third, 0, b, at(1), length);
                                    return b;
                                }),
                        List.of(record(Kind.MOVED, 1), record(Kind.MOVED, 3)),
                        2));
    }

    private static Stream<Damage> manifests() {
        Stream<Damage> claims =
                Stream.of(
                        claim("/packets", json -> json.put("packets", 7)),
                        claim("/chunks", json -> json.put("chunks", 1)),
                        claim("/records", json -> json.put("records", 1)),
                        claim("/nodes/1/packets", json -> node(json, 1).put("packets", 1)),
                        claim("/nodes/1/records", json -> node(json, 1).put("records", 1)),
                        claim("/nodes/0/firstTimestamp", json -> node(json, 0).remove("firstTimestamp")),
                        claim(
                                "/nodes/1/index/sha256",
                                json -> node(json, 1).getJsonObject("index").put("sha256", "2".repeat(64))),
                        claim("/nodes/1/data/bytes", json -> node(json, 1).getJsonObject("data").put("bytes", 0)),
                        claim("/bytes", json -> json.put("bytes", 1)),
                        claim("/merkleRoot", json -> json.put("merkleRoot", "0".repeat(64))),
                        claim("/nodes/1/chunks", json -> node(json, 1).put("chunks", 4)),
                        claim("/nodes/0/drops", json -> node(json, 0).put("drops", new JsonObject().put("kernel", 1))),
                        claim("/nodes/0/interfaces", json -> node(json, 0).put("interfaces", new JsonArray())),
                        claim(
                                "/nodes/0/lastTimestamp",
                                json -> node(json, 0).put("lastTimestamp", "2026-11-22T21:00:00Z")),
                        claim(
                                "/nodes/0/data/sha256",
                                json -> node(json, 0).getJsonObject("data").put("sha256", "1".repeat(64))),
                        claim("/nodes/1/index/bytes", json -> node(json, 1).getJsonObject("index").put("bytes", 1)),
                        claim(
                                "/nodes/0/data/name",
                                json -> node(json, 0).getJsonObject("data").put("name", "../escape")),
                        claim(
                                "/nodes/0/data/name",
                                json -> node(json, 0).getJsonObject("data").put("name", "/etc/passwd")),
                        claim("/nodes/0/index/name", json -> node(json, 0).getJsonObject("index").put("name", "..")),
                        claim("/derived/0/name", json -> derived(json).put("name", "../escape")),
                        claim("/derived/0/name", json -> derived(json).put("name", "node-1.index")),
                        claim("/derived/0/bytes", json -> derived(json).put("bytes", 1)),
                        claim("/derived/0/sha256", json -> derived(json).put("sha256", "3".repeat(64))),
                        claim("/nodes/0/node", json -> node(json, 0).put("node", "../x")));
        return Stream.concat(
                claims,
                Stream.of(
                        new Damage(
                                "manifest of another snapshot",
                                (folder, other) -> copy(other.resolve(MANIFEST), folder.resolve(MANIFEST)),
                                List.of(new Place(MANIFEST, Kind.CLAIM, null, null)),
                                12),
                        bytes(
                                "manifest cut",
                                MANIFEST,
                                new Place(MANIFEST, Kind.CHANGED, null, 100L),
                                b -> Arrays.copyOf(b, b.length / 2)),
                        bytes(
                                "manifest is no JSON",
                                MANIFEST,
                                new Place(MANIFEST, Kind.CHANGED, null, 0L),
                                b -> "no".getBytes(StandardCharsets.UTF_8)),
                        bytes(
                                "manifest emptied",
                                MANIFEST,
                                new Place(MANIFEST, Kind.CHANGED, null, null),
                                b -> new byte[0])));
    }

    private static Stream<Damage> lists() {
        return Stream.of(
                bytes("list cut", LIST, new Place(LIST, Kind.CUT_OFF, null, 100L), b -> Arrays.copyOf(b, 100)),
                bytes(
                        "list extended",
                        LIST,
                        new Place(LIST, Kind.CHANGED, null, null),
                        b -> Arrays.copyOf(b, b.length + 100)),
                bytes("list emptied", LIST, new Place(LIST, Kind.CUT_OFF, null, 0L), b -> new byte[0]));
    }

    private static long size(int chunks) {
        return TestChunks.packets("node-1", 6, 20).stream().limit(chunks).mapToLong(chunk -> chunk.length).sum();
    }

    private static int at(int record) {
        return (int) IndexDescriptor.recordOffset(record);
    }

    private static Place record(Kind kind, int record) {
        return new Place(INDEX, kind, (long) record, (long) at(record));
    }

    private static Place missing(int chunk) {
        return new Place(DATA, Kind.MISSING, (long) chunk, size(chunk));
    }

    private static Place moved(int chunk, int ignored) {
        return new Place(DATA, Kind.MOVED, (long) chunk, null);
    }

    private static Place repeated(int chunk) {
        return new Place(DATA, Kind.REPEATED, (long) chunk, null);
    }

    private static Place added(int chunk) {
        return new Place(DATA, Kind.ADDED, (long) chunk, size(chunk));
    }

    private static Place changed(int chunk) {
        return new Place(DATA, Kind.CHANGED, (long) chunk, size(chunk));
    }

    private static Damage order(String name, List<Place> places, int... order) {
        return data(name, places, (chunks, other) -> IntStream.of(order).mapToObj(chunks::get).toList());
    }

    /** Makes other chunks of a file's chunks. */
    @FunctionalInterface
    private interface Rearranging {
        List<byte[]> of(List<byte[]> mine, Path other);
    }

    private static Damage data(String name, List<Place> places, Rearranging rearranging) {
        Stroke stroke =
                (folder, other) -> {
                    List<byte[]> chunks = rearranging.of(TestChunks.packets("node-1", 6, 20), other);
                    Files.write(folder.resolve(DATA), ChunkFixtures.concatenate(chunks));
                };
        return new Damage(name, stroke, places, places.size());
    }

    private static List<byte[]> insert(List<byte[]> chunks, int at, byte[] chunk) {
        List<byte[]> longer = new ArrayList<>(chunks);
        longer.add(at, chunk);
        return longer;
    }

    private static List<byte[]> replace(List<byte[]> chunks, int at, byte[] chunk) {
        List<byte[]> others = new ArrayList<>(chunks);
        others.set(at, chunk);
        return others;
    }

    /** Makes other bytes of a file's bytes. */
    @FunctionalInterface
    private interface Edit {
        byte[] of(byte[] bytes);
    }

    private static Stroke edit(String file, Edit edit) {
        return (folder, other) -> Files.write(folder.resolve(file), edit.of(Files.readAllBytes(folder.resolve(file))));
    }

    private static Damage bytes(String name, String file, Place place, Edit edit) {
        return new Damage(file + ": " + name, edit(file, edit), List.of(place), 3);
    }

    private static Damage file(String name, Place place, Stroke stroke) {
        return new Damage(name, stroke, List.of(place), 1);
    }

    /** An edited manifest whose own digest, and line in the list, are right again. */
    private static Damage claim(String field, Consumer<JsonObject> edit) {
        Stroke stroke =
                (folder, other) -> {
                    Path manifest = folder.resolve(MANIFEST);
                    JsonObject json = new JsonObject(Files.readString(manifest));
                    String old = json.getString("digest");
                    edit.accept(json);
                    byte[] edited = (json.encodePrettily() + "\n").getBytes(StandardCharsets.UTF_8);
                    String digest = ManifestCodec.digestOf(edited, old).hex();
                    byte[] forged =
                            new String(edited, StandardCharsets.UTF_8)
                                    .replace(old, digest)
                                    .getBytes(StandardCharsets.UTF_8);
                    Files.write(manifest, forged);
                    relist(folder.resolve(LIST), forged);
                };
        return new Damage(
                "manifest edited: " + field, stroke, List.of(new Place(MANIFEST, Kind.CLAIM, null, null, field)), 4);
    }

    private static void relist(Path list, byte[] manifest) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (DigestList.Line line : DigestList.parse(Files.readAllBytes(list))) {
            String sha =
                    line.name().equals(MANIFEST)
                            ? io.hindsight.hub.store.Digest.ofContent(manifest).hex()
                            : line.sha256();
            lines.append(sha).append("  ").append(line.name()).append('\n');
        }
        Files.writeString(list, lines);
    }

    private static JsonObject derived(JsonObject manifest) {
        return manifest.getJsonArray("derived").getJsonObject(0);
    }

    private static JsonObject node(JsonObject manifest, int number) {
        return manifest.getJsonArray("nodes").getJsonObject(number);
    }

    private static byte[] cut(byte[] bytes, int from, int to) {
        return join(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
    }

    private static byte[] remove(byte[] bytes, int at) {
        return cut(bytes, at, at + 1);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.write(to, Files.readAllBytes(from));
    }

    private static void link(Path at, Path target) throws IOException {
        Files.delete(at);
        Files.createSymbolicLink(at, target);
    }

    private static void pipe(Path at) throws IOException {
        Files.deleteIfExists(at);
        Tools.run("mkfifo", at.toString());
    }

    private static void exchange(Path one, Path other) throws IOException {
        byte[] content = Files.readAllBytes(one);
        Files.write(one, Files.readAllBytes(other));
        Files.write(other, content);
    }
}
