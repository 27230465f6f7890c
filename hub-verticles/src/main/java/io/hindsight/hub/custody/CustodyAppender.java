package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyEvent;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.AppendFile;
import io.hindsight.hub.store.ChannelOpener;
import io.hindsight.hub.store.Folders;
import io.hindsight.hub.store.IoFailures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the log. A line is acknowledged when it and the head behind it were forced. A write that failed is taken back: the file is cut to its last acknowledged line
 * before anything else is written; after a failed sync the log goes on in a new file, because what the kernel dropped then does not come back. Blocks. One thread.
 */
final class CustodyAppender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CustodyAppender.class);

    private final Path folder;
    private final ChannelOpener opener;
    private final InstantSource clock;
    private final long maxFileBytes;
    private final LogReserve reserve;
    private final List<CustodyEvent> notes = new ArrayList<>();

    private @Nullable FileChannel lock;
    private @Nullable CustodyHead head;
    private @Nullable AppendFile file;

    /** The file that {@link #last} is in; null: a new one is begun. */
    private @Nullable Path current;

    /** Of that file, all of it acknowledged. */
    private long currentBytes;

    /** Null before the log was looked at. */
    private @Nullable CustodyAnchor last;

    CustodyAppender(Path folder, ChannelOpener opener, InstantSource clock, long maxFileBytes) {
        this.folder = folder;
        this.opener = opener;
        this.clock = clock;
        this.maxFileBytes = maxFileBytes;
        this.reserve = new LogReserve(folder);
    }

    /**
     * Takes the log for this process alone, looks where it goes on, and records what it finds. Where the disk fails, the next {@link #append} tries again.
     *
     * @throws HindsightException WRONG_STATE where another Hub has it
     */
    void start() {
        try {
            takeLock();
            open();
            if (!notes.isEmpty()) {
                append(List.of());
            }
        } catch (HindsightException e) {
            if (e.code() == ErrorCode.WRONG_STATE) {
                throw e;
            }
            LOG.error(
                    "The custody log cannot be opened; nothing that it guards is done until it can: {}",
                    e.getMessage());
        }
    }

    private void takeLock() {
        if (lock != null) {
            return;
        }
        Folders.create(folder);
        Path lockFile = folder.resolve(CustodyFormat.LOCK_FILE);
        try {
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                channel.close();
                throw new HindsightException(
                        ErrorCode.WRONG_STATE,
                        "Another Hub has this snapshot volume: its custody log at "
                                + folder
                                + " is locked. Stop that Hub, or name another folder with --data DIR.");
            }
            lock = channel;
        } catch (IOException e) {
            throw IoFailures.of("lock", lockFile, e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException sameProcess) {
            return false;
        }
    }

    /** The newest acknowledged line. */
    CustodyAnchor last() {
        CustodyAnchor known = last;
        return known == null ? new CustodyAnchor(0, CustodyFormat.NO_DIGEST) : known;
    }

    /** Writes the lines and forces them; all of them, or none. */
    List<CustodyEntry> append(List<CustodyEvent> events) {
        try {
            return tryAppend(events);
        } catch (HindsightException failed) {
            if (failed.code() == ErrorCode.INSUFFICIENT_STORAGE && reserve.release()) {
                return tryAppend(events);
            }
            throw failed;
        }
    }

    private List<CustodyEntry> tryAppend(List<CustodyEvent> events) {
        takeLock();
        open();
        List<CustodyEvent> all = new ArrayList<>(notes);
        all.addAll(events);
        List<CustodyEntry> entries = new ArrayList<>();
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        CustodyAnchor newest = last();
        for (CustodyEvent event : all) {
            byte[] line = CustodyLine.encode(event, clock.instant(), newest);
            CustodyEntry entry = CustodyLine.decode(Arrays.copyOf(line, line.length - 1));
            newest = new CustodyAnchor(entry.sequence(), entry.digest());
            entries.add(entry);
            lines.writeBytes(line);
        }
        write(lines.toByteArray(), newest);
        notes.clear();
        reserve.ensure();
        return List.copyOf(entries.subList(entries.size() - events.size(), entries.size()));
    }

    private void write(byte[] lines, CustodyAnchor newest) {
        AppendFile to = fileFor(lines.length);
        try {
            to.append(ByteBuffer.wrap(lines));
        } catch (HindsightException failed) {
            closeQuietly(to);
            file = null;
            throw failed;
        }
        try {
            to.force();
            head().write(newest);
        } catch (HindsightException failed) {
            giveUpFile(to);
            throw failed;
        }
        currentBytes += lines.length;
        last = newest;
    }

    /** What was not forced is taken back, now or before the next line; that goes into a new file. */
    private void giveUpFile(AppendFile failed) {
        closeQuietly(failed);
        file = null;
        try {
            cut(failed.path(), currentBytes);
            current = null;
        } catch (HindsightException stillFailing) {
            LOG.warn("The custody log is not cut back yet: {}", stillFailing.getMessage());
        }
    }

    private AppendFile fileFor(int bytes) {
        AppendFile open = file;
        if (open != null && currentBytes > 0 && currentBytes + bytes > maxFileBytes) {
            closeQuietly(open);
            open = null;
            file = null;
            current = null;
        }
        return open == null ? openFile() : open;
    }

    private void open() {
        if (last != null) {
            return;
        }
        Folders.create(folder);
        CustodyRecovery found = CustodyRecovery.find(folder);
        if (found.file() != null) {
            cut(found.file(), found.lengthBytes());
        }
        current = found.file();
        currentBytes = found.file() == null ? 0 : found.lengthBytes();
        last = found.last();
        notes.addAll(found.notes());
        found.notes()
                .forEach(note ->
                        LOG.warn("The custody log goes on, and records that it was found so: {}", note.details()));
        reserve.ensure();
    }

    private AppendFile openFile() {
        Path path = current == null ? CustodyFiles.named(folder, last().sequence() + 1) : current;
        boolean exists = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (current == null) {
            currentBytes = 0;
        }
        if (exists) {
            cut(path, currentBytes);
        }
        AppendFile opened = exists ? reopened(path) : new AppendFile(path, opener);
        file = opened;
        current = path;
        if (!exists) {
            Folders.force(folder);
        }
        return opened;
    }

    private AppendFile reopened(Path path) {
        try {
            FileChannel channel = opener.reopen(path);
            channel.position(channel.size());
            return new AppendFile(path, channel);
        } catch (IOException e) {
            throw IoFailures.of("open", path, e);
        }
    }

    private void cut(Path path, long lengthBytes) {
        try (FileChannel channel = opener.reopen(path)) {
            if (channel.size() > lengthBytes) {
                channel.truncate(lengthBytes);
                channel.force(true);
            }
        } catch (IOException e) {
            throw IoFailures.of("cut back", path, e);
        }
    }

    private CustodyHead head() {
        CustodyHead open = head;
        if (open == null) {
            open = CustodyHead.open(folder, opener);
            Folders.force(folder);
            head = open;
        }
        return open;
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            LOG.warn("A file of the custody log was not closed: {}", e.getMessage());
        }
    }

    /** Lets another Hub have it. */
    @Override
    public void close() {
        for (AutoCloseable open : Arrays.asList(file, head, lock)) {
            if (open != null) {
                closeQuietly(open);
            }
        }
        file = null;
        head = null;
        lock = null;
    }
}
