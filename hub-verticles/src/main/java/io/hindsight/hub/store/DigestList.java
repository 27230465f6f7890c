package io.hindsight.hub.store;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The bytes of {@code manifest.sha256}: a line {@code <digest><two spaces><file name><line feed>} for every other file of the folder, in the order
 * of their names' code units, so that {@code sha256sum -c manifest.sha256} checks a snapshot where nothing of Hindsight is installed.
 */
public final class DigestList {
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  ([^/\n]+)");

    /**
     * A line of the list.
     *
     * @param sha256 hex
     * @param name of the file
     */
    public record Line(String sha256, String name) {}

    private DigestList() {}

    /** The lines that can be understood. */
    public static List<Line> parse(byte[] list) {
        return new String(list, StandardCharsets.UTF_8)
                .lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(line -> new Line(line.group(1), line.group(2)))
                .toList();
    }

    /** The list for this manifest, whose file has these bytes. */
    public static byte[] of(Manifest manifest, byte[] manifestBytes) {
        Manifest.File own =
                new Manifest.File(
                        SealedSnapshot.MANIFEST_FILE, manifestBytes.length, Digest.ofContent(manifestBytes).hex());
        Stream<Manifest.File> others = manifest.nodes().stream().flatMap(DigestList::filesOf);
        StringBuilder lines = new StringBuilder();
        Stream.of(others, manifest.derivedFiles().stream(), Stream.of(own))
                .flatMap(files -> files)
                .sorted(Comparator.comparing(Manifest.File::name))
                .forEach(file -> lines.append(file.sha256()).append("  ").append(file.name()).append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static Stream<Manifest.File> filesOf(Manifest.Node node) {
        return Stream.concat(Stream.ofNullable(node.data()), Stream.ofNullable(node.index()));
    }
}
