package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.RegularFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks at the files of a folder that may hold anything, noting what is no file. Counts what it read. One thread at a time. */
final class FolderFiles {
    /** A folder of more entries is not listed to its end. */
    private static final int MAX_LISTED = 100_000;

    private final Path folder;
    private final Findings findings;
    private final ReadPace pace;
    private int files;
    private long bytes;

    FolderFiles(Path folder, Findings findings, ReadPace pace) {
        this.pace = pace;
        this.folder = folder;
        this.findings = findings;
    }

    /** Whether the name is one of a file in the folder itself. */
    boolean isName(String name) {
        return !name.isEmpty()
                && name.indexOf('/') < 0
                && name.indexOf('\0') < 0
                && !name.equals(".")
                && !name.equals("..");
    }

    /** Whether a regular file of this name is there; else notes what is. */
    boolean isPresent(String name) {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(folder.resolve(name), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!found.isRegularFile()) {
                String what = RegularFiles.kind(found);
                findings.add(
                        Violation.of(
                                        Kind.NOT_A_FILE,
                                        name,
                                        "In place of the file stands " + what + "; it is not opened.")
                                .values("a regular file", what));
            }
            return found.isRegularFile();
        } catch (NoSuchFileException missing) {
            findings.add(Violation.of(Kind.MISSING, name, "The file is missing."));
        } catch (IOException e) {
            addUnreadable(name, e);
        }
        return false;
    }

    /** Whether anything of this name is there. */
    boolean exists(String name) {
        return Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** All bytes of a file that is not longer than so many; null, with a finding, where there is none. */
    byte @Nullable [] content(String name, long maxLength) {
        if (!isPresent(name)) {
            return null;
        }
        try (FileChannel channel = RegularFiles.open(folder.resolve(name))) {
            long length = channel.size();
            if (length > maxLength) {
                String detail = "The file has " + length + " bytes, at most " + maxLength + " are possible.";
                findings.add(Violation.of(Kind.CHANGED, name, detail).at(maxLength, length - maxLength));
                return null;
            }
            ByteBuffer content = ByteBuffer.allocate((int) length);
            while (content.hasRemaining() && channel.read(content) >= 0) {
                // until all is there
            }
            count(content.position());
            return content.array();
        } catch (IOException e) {
            addUnreadable(name, e);
            return null;
        }
    }

    /** Digest of a file's content. */
    Digest digest(String name) throws IOException {
        MessageDigest digester = Digest.digester();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        long length = 0;
        try (FileChannel channel = RegularFiles.open(folder.resolve(name))) {
            while (channel.read(buffer) >= 0) {
                length += buffer.position();
                pace.took(buffer.position());
                digester.update(buffer.flip());
                buffer.clear();
            }
        }
        count(length);
        return Digest.of(digester);
    }

    long length(String name) throws IOException {
        return Files.size(folder.resolve(name));
    }

    /** Names of all that is in the folder, in order. */
    List<String> names() {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.limit(MAX_LISTED).map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
        } catch (IOException e) {
            addUnreadable(".", e);
            return List.of();
        }
    }

    void addUnreadable(String name, Exception e) {
        findings.add(Violation.of(Kind.UNREADABLE, name, "It cannot be read: " + e.getMessage() + "."));
    }

    /** Takes note of one more file that was read. */
    void count(long length) {
        files++;
        bytes += length;
    }

    int files() {
        return files;
    }

    long bytes() {
        return bytes;
    }
}
