package io.hindsight.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/** An installed package of Debian, or of a system made from it. */
record DebianPackage(String name, String version, String architecture) implements Comparable<DebianPackage> {
    private static final String LICENSE = "License:";

    /** The package that a file is from. */
    static DebianPackage of(Path file) throws IOException {
        String[] fields =
                Command.run(List.of("dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}", owner(file)))
                        .split("\t", -1);
        return new DebianPackage(fields[0], fields[1], fields[2]);
    }

    /** Older packages know their files by the path before {@code /lib} became a link to {@code /usr/lib}. */
    private static String owner(Path file) throws IOException {
        try {
            return search(file.toString());
        } catch (IOException unknown) {
            return search(file.toString().replaceFirst("^/usr", ""));
        }
    }

    private static String search(String path) throws IOException {
        String line = Command.run(List.of("dpkg-query", "-S", path));
        return line.substring(0, line.lastIndexOf(": "));
    }

    /** Where Debian's packages say under which terms they come. */
    Path copyright() {
        return Path.of("/usr/share/doc", name, "copyright");
    }

    /** The short names of all its licences, as its copyright file has them; none where that is free text. */
    List<String> licenses() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (String line : Files.readAllLines(copyright())) {
            if (line.startsWith(LICENSE)) {
                names.add(line.substring(LICENSE.length()).strip());
            }
        }
        names.remove("");
        return List.copyOf(names);
    }

    /** How bills of materials name it. */
    String packageUrl() {
        return "pkg:deb/debian/"
                + name
                + "@"
                + version.replace("+", "%2B").replace(":", "%3A").replace("~", "%7E")
                + "?arch="
                + architecture;
    }

    @Override
    public int compareTo(DebianPackage other) {
        return name.compareTo(other.name);
    }
}
