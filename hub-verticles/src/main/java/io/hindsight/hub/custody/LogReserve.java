package io.hindsight.hub.custody;

import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.ChannelOpener;
import io.hindsight.hub.store.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room that the log has put aside, as a file of zeros: on a full volume it is given up, so that a deletion, which makes room, can still be recorded; else nothing
 * could ever be deleted again. Made anew when there is room. One thread.
 */
final class LogReserve {
    static final int RESERVE_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(LogReserve.class);
    private static final long RETRY_NS = Duration.ofSeconds(30).toNanos();

    /** So much has to be free for it to be made. */
    private static final long MIN_FREE_BYTES = 8L * RESERVE_BYTES;

    private final Path file;
    private boolean there;
    private long triedNs;

    LogReserve(Path folder) {
        this.file = folder.resolve(CustodyFormat.RESERVE_FILE);
        this.triedNs = System.nanoTime() - RETRY_NS;
    }

    /** Makes it where it is missing; that it cannot be made is nobody's failure. */
    void ensure() {
        if (there || System.nanoTime() - triedNs < RETRY_NS) {
            return;
        }
        triedNs = System.nanoTime();
        try {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) == RESERVE_BYTES) {
                there = true;
            } else if (Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace() >= MIN_FREE_BYTES) {
                Files.deleteIfExists(file);
                Folders.write(file, new byte[RESERVE_BYTES], ChannelOpener.FILES);
                there = true;
            }
        } catch (IOException | HindsightException e) {
            LOG.info("No room could be put aside for the custody log: {}", e.getMessage());
        }
    }

    /** Gives the room up; whether there was some. */
    boolean release() {
        there = false;
        triedNs = System.nanoTime();
        try {
            boolean released = Files.deleteIfExists(file);
            if (released) {
                LOG.warn(
                        "The volume is full: the custody log takes the room that it had put aside, bytes={}",
                        RESERVE_BYTES);
            }
            return released;
        } catch (IOException e) {
            LOG.warn("The room put aside for the custody log cannot be had: {}", e.getMessage());
            return false;
        }
    }
}
