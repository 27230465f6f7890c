package io.hindsight.hub.store;

import io.hindsight.api.Verification;
import io.hindsight.error.HindsightException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each sealed snapshot was last verified, and how that ended: one small file each, {@code .verifications/<id>.json} in the volume, replaced by
 * rename; never in the sealed folder. A record that is lost or cannot be read only means that the snapshot's turn comes as if it had just been sealed.
 * Blocks. One thread at a time.
 */
public final class VerificationRecords {
    private static final Logger LOG = LoggerFactory.getLogger(VerificationRecords.class);
    private static final String FOLDER = ".verifications";
    private static final long MAX_LENGTH = 1L << 16;

    private final RecordFiles records;

    /** {@code root} is the snapshot volume. */
    public VerificationRecords(Path root) {
        this.records = new RecordFiles(root.resolve(FOLDER), "the verification", MAX_LENGTH);
    }

    /** Every record that can be read, of snapshots that are there; removes the others. Comes first: it creates the folder where there is none. */
    public Map<String, Verification> load(Predicate<String> isThere) {
        Map<String, Verification> found = new HashMap<>();
        try {
            for (String id : records.open()) {
                if (isThere.test(id)) {
                    records.read(id, Verification.class).ifPresent(verification -> found.put(id, verification));
                } else {
                    records.remove(id);
                }
            }
        } catch (HindsightException e) {
            LOG.warn("Earlier verifications are not known: {}", e.getMessage());
        }
        return found;
    }

    /** Writes or replaces a record. */
    public void put(String id, Verification verification) {
        records.put(id, verification);
    }

    /** Forgets a record, if there is one. */
    public void remove(String id) {
        records.remove(id);
    }
}
