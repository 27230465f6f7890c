package io.hindsight.simulation.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A path as Unix has it. Immutable. */
final class DiskPath implements Path {
    private final DiskFileSystem fileSystem;
    private final boolean absolute;
    private final List<String> names;
    private final String text;

    private DiskPath(DiskFileSystem fileSystem, boolean absolute, List<String> names) {
        this.fileSystem = fileSystem;
        this.absolute = absolute;
        this.names = names;
        this.text = (absolute ? "/" : "") + String.join("/", names);
    }

    static DiskPath of(DiskFileSystem fileSystem, String text) {
        List<String> names = new ArrayList<>();
        for (int from = 0; from < text.length(); ) {
            int slash = text.indexOf('/', from);
            int to = slash < 0 ? text.length() : slash;
            if (to > from) {
                names.add(text.substring(from, to));
            }
            from = to + 1;
        }
        return new DiskPath(fileSystem, text.startsWith("/"), List.copyOf(names));
    }

    private DiskPath of(Path other) {
        if (other instanceof DiskPath simulated) {
            return simulated;
        }
        throw new ProviderMismatchException();
    }

    /** Names from the root on, without dots. */
    List<String> located() {
        return normalized().names;
    }

    DiskPath normalized() {
        return toAbsolutePath().normalize();
    }

    /** Its last name; empty for the root. */
    String lastName() {
        List<String> located = located();
        return located.isEmpty() ? "" : located.getLast();
    }

    @Override
    public DiskFileSystem getFileSystem() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable DiskPath getRoot() {
        return absolute ? new DiskPath(fileSystem, true, List.of()) : null;
    }

    @Override
    public @Nullable DiskPath getFileName() {
        return names.isEmpty() ? null : new DiskPath(fileSystem, false, List.of(names.getLast()));
    }

    @Override
    public @Nullable DiskPath getParent() {
        if (names.isEmpty() || (names.size() == 1 && !absolute)) {
            return null;
        }
        return new DiskPath(fileSystem, absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public DiskPath getName(int index) {
        if (index < 0 || index >= names.size()) {
            throw new IllegalArgumentException("index=" + index + " of names=" + names.size());
        }
        return new DiskPath(fileSystem, false, List.of(names.get(index)));
    }

    @Override
    public DiskPath subpath(int from, int to) {
        if (from < 0 || to > names.size() || from >= to) {
            throw new IllegalArgumentException("from=" + from + " to=" + to + " of names=" + names.size());
        }
        return new DiskPath(fileSystem, false, names.subList(from, to));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof DiskPath path
                && path.fileSystem == fileSystem
                && path.absolute == absolute
                && path.names.size() <= names.size()
                && names.subList(0, path.names.size()).equals(path.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof DiskPath path) || path.fileSystem != fileSystem) {
            return false;
        }
        if (path.absolute) {
            return equals(path);
        }
        int from = names.size() - path.names.size();
        return from >= 0 && !path.names.isEmpty() && names.subList(from, names.size()).equals(path.names);
    }

    @Override
    public DiskPath normalize() {
        if (!names.contains(".") && !names.contains("..")) {
            return this;
        }
        List<String> kept = new ArrayList<>();
        for (String name : names) {
            boolean up = name.equals("..");
            if (up && !kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if ((up && !absolute) || (!up && !name.equals("."))) {
                kept.add(name);
            }
        }
        return new DiskPath(fileSystem, absolute, List.copyOf(kept));
    }

    @Override
    public DiskPath resolve(Path other) {
        DiskPath path = of(other);
        if (path.absolute) {
            return path;
        }
        if (path.names.isEmpty()) {
            return this;
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(path.names);
        return new DiskPath(fileSystem, absolute, all);
    }

    @Override
    public DiskPath resolve(String other) {
        return resolve(of(fileSystem, other));
    }

    @Override
    public DiskPath relativize(Path other) {
        DiskPath path = of(other);
        if (path.absolute != absolute) {
            throw new IllegalArgumentException("'other' is different type of Path");
        }
        int common = 0;
        while (common < Math.min(names.size(), path.names.size()) && names.get(common).equals(path.names.get(common))) {
            common++;
        }
        List<String> all = new ArrayList<>();
        for (int index = common; index < names.size(); index++) {
            all.add("..");
        }
        all.addAll(path.names.subList(common, path.names.size()));
        return new DiskPath(fileSystem, false, all);
    }

    @Override
    public URI toUri() {
        return URI.create("simulated:" + toAbsolutePath().text.replace(" ", "%20"));
    }

    @Override
    public DiskPath toAbsolutePath() {
        return absolute ? this : new DiskPath(fileSystem, true, names);
    }

    @Override
    public DiskPath toRealPath(LinkOption... options) throws IOException {
        fileSystem.disk().get(this);
        return normalized();
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("A simulated disk is not watched");
    }

    @Override
    public int compareTo(Path other) {
        return text.compareTo(of(other).text);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DiskPath path && path.fileSystem == fileSystem && path.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
