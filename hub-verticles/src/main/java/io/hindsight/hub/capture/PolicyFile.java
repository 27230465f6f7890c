package io.hindsight.hub.capture;

import io.hindsight.api.CapturePolicy;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ChannelOpener;
import io.hindsight.hub.store.Folders;
import io.hindsight.hub.store.RegularFiles;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code .capture/policy.json} in the snapshot volume: {@link StoredPolicy} as JSON, replaced by rename and forced. Blocks. One thread at a time.
 */
final class PolicyFile {
    /** Two policies of the longest kind, every character escaped, fit. */
    static final int MAX_LENGTH = 256 << 10;

    private static final String FOLDER = ".capture";
    private static final String NAME = "policy.json";

    private final Path volume;
    private final Path folder;
    private final Path file;

    PolicyFile(Path volume) {
        this.volume = volume;
        this.folder = volume.resolve(FOLDER);
        this.file = folder.resolve(NAME);
    }

    /**
     * What is remembered; empty where nothing is.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it is not what this program writes; IO_FAILED where it cannot be read
     */
    Optional<StoredPolicy> read() {
        try (FileChannel channel = RegularFiles.open(file)) {
            return Optional.of(parse(content(channel)));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "Cannot read file=" + file + ": " + e.getMessage() + ".", e);
        }
    }

    private String content(FileChannel channel) throws IOException {
        long length = channel.size();
        if (length > MAX_LENGTH) {
            throw broken("it has bytes=" + length + ", limit=" + MAX_LENGTH, null);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) length);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // A read may be short.
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    private StoredPolicy parse(String content) {
        StoredPolicy stored;
        try {
            stored = JsonMapping.fromJson(new JsonObject(content), StoredPolicy.class);
        } catch (DecodeException | HindsightException | NullPointerException e) {
            throw broken(String.valueOf(e.getMessage()), e);
        }
        if (stored.version() != StoredPolicy.VERSION) {
            throw broken("its version=" + stored.version() + " is not known", null);
        }
        requirePossible(stored);
        return stored;
    }

    private void requirePossible(StoredPolicy stored) {
        if (stored.state().revision() < 1 || stored.state().revision() == Long.MAX_VALUE) {
            throw broken("its revision=" + stored.state().revision() + " cannot be", null);
        }
        try {
            CapturePolicy policy = stored.state().policy();
            if (!CaptureRules.checked(policy).equals(policy)) {
                throw broken("its policy is not as this program writes it", null);
            }
        } catch (HindsightException e) {
            throw e.code() == ErrorCode.INTEGRITY_VIOLATED ? e : broken(String.valueOf(e.getMessage()), e);
        }
    }

    private HindsightException broken(String why, @Nullable Throwable cause) {
        // Of a parser several lines, with a stop of its own at the end.
        String words = why.lines().findFirst().orElse("").replaceFirst("[.]$", "");
        String message = "The file=" + file + " cannot be used: " + words + ".";
        return cause == null
                ? new HindsightException(ErrorCode.INTEGRITY_VIOLATED, message)
                : new HindsightException(ErrorCode.INTEGRITY_VIOLATED, message, cause);
    }

    /** Writes or replaces it; on disk when it returns. */
    void put(StoredPolicy stored) {
        boolean isNew = !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
        Folders.create(folder);
        if (isNew) {
            Folders.force(volume);
        }
        Path fresh = folder.resolve(NAME + ".new");
        try {
            Files.deleteIfExists(fresh);
        } catch (IOException e) {
            throw new HindsightException(
                    ErrorCode.IO_FAILED, "Cannot remove file=" + fresh + ": " + e.getMessage() + ".", e);
        }
        Folders.write(fresh, JsonMapping.toJson(stored).encode().getBytes(StandardCharsets.UTF_8), ChannelOpener.FILES);
        Folders.rename(fresh, file);
        Folders.force(folder);
    }

    /** Keeps what cannot be used for whoever wants to know, under a name that is not read. */
    Path setAside() {
        Path aside = folder.resolve(NAME + ".broken");
        Folders.rename(file, aside);
        return aside;
    }
}
