package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.hub.store.ChannelOpener;
import io.hindsight.hub.store.IoFailures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code head}: which line was the last that somebody was told of. It is forced after the line and before the answer, so the log may be ahead of it,
 * never behind: lines that are missing from the log's end are found. It is overwritten in place, within one sector, and takes no room on a full volume. One
 * thread.
 */
final class CustodyHead implements AutoCloseable {
    private static final Pattern CONTENT = Pattern.compile("(\\d{20}) ([0-9a-f]{64})\n");
    private static final int LENGTH = CustodyFormat.SEQUENCE_DIGITS + 1 + CustodyFormat.DIGEST_LENGTH + 1;

    private final Path file;
    private final FileChannel channel;

    private CustodyHead(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens it for writing, and creates it where there is none. */
    static CustodyHead open(Path folder, ChannelOpener opener) {
        Path file = folder.resolve(CustodyFormat.HEAD_FILE);
        try {
            return new CustodyHead(
                    file, Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? opener.reopen(file) : opener.create(file));
        } catch (IOException e) {
            throw IoFailures.of("open", file, e);
        }
    }

    /** What it says; empty where there is none, or none that can be read. */
    static Optional<CustodyAnchor> read(Path folder) {
        Path file = folder.resolve(CustodyFormat.HEAD_FILE);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            if (Files.size(file) != LENGTH) {
                return Optional.empty();
            }
            Matcher content = CONTENT.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            return content.matches()
                    ? Optional.of(new CustodyAnchor(Long.parseLong(content.group(1)), content.group(2)))
                            .filter(last -> last.sequence() <= CustodyFormat.HIGHEST_SEQUENCE)
                    : Optional.empty();
        } catch (NumberFormatException tooLarge) {
            return Optional.empty();
        } catch (IOException e) {
            throw IoFailures.of("read", file, e);
        }
    }

    /** Writes and forces. */
    void write(CustodyAnchor last) {
        String content = "%020d %s\n".formatted(last.sequence(), last.digest());
        ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes, bytes.position());
            }
            channel.force(false);
        } catch (IOException e) {
            throw IoFailures.of("write", file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw IoFailures.of("close", file, e);
        }
    }
}
