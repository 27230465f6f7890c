package io.hindsight.agent.filter;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The file beside the rings that keeps what is to be recorded over restarts: one JSON object, {@link StoredCapture}. Written whole under another name, synced, renamed: a crash leaves the one
 * before or this one. One thread at a time.
 */
final class FilterFile {
    static final String NAME = "capture.json";

    /** A file that is longer is not read: what is written is far shorter. */
    static final int MAX_CAPTURE_FILE_BYTES = 8 << 20;

    private final Path file;
    private final Path fresh;

    /** Of a folder of rings. */
    FilterFile(Path directory) {
        this.file = directory.resolve(NAME);
        this.fresh = directory.resolve("." + NAME + ".new");
    }

    /**
     * What it holds; nothing where there is none.
     *
     * @throws HindsightException IO_FAILED where it cannot be read, or holds what no agent wrote
     */
    StoredCapture read() {
        try {
            long bytes = Files.size(file);
            if (bytes > MAX_CAPTURE_FILE_BYTES) {
                throw broken("length=" + bytes + ", limit=" + MAX_CAPTURE_FILE_BYTES, null);
            }
            StoredCapture stored =
                    JsonMapping.fromJson(
                            new JsonObject(Files.readString(file, StandardCharsets.UTF_8)), StoredCapture.class);
            if (stored.version() != StoredCapture.VERSION) {
                throw broken("version=" + stored.version() + ", known=" + StoredCapture.VERSION, null);
            }
            return stored;
        } catch (NoSuchFileException none) {
            return StoredCapture.NONE;
        } catch (IOException | DecodeException | ClassCastException | HindsightException e) {
            throw e instanceof HindsightException known && known.code() == ErrorCode.IO_FAILED
                    ? known
                    : broken(String.valueOf(e.getMessage()), e);
        }
    }

    private HindsightException broken(String why, @Nullable Throwable cause) {
        String message = "The file=" + file + " of what is to be recorded cannot be used: " + why + ".";
        return cause == null
                ? new HindsightException(ErrorCode.IO_FAILED, message)
                : new HindsightException(ErrorCode.IO_FAILED, message, cause);
    }

    /** Returns when it would survive a loss of power. */
    void write(StoredCapture stored) throws IOException {
        byte[] bytes = JsonMapping.toJson(stored).toBuffer().getBytes();
        Files.createDirectories(file.getParent());
        try (FileChannel channel =
                FileChannel.open(
                        fresh,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
