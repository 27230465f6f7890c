package io.hindsight.hub.verify;

import io.hindsight.api.VerifyReport.Violation;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * A file as the manifest has it and as it is. Where data and index disagree, the one that the manifest's digest clears is not at fault.
 *
 * @param claimed by the manifest
 * @param bytes that it has
 * @param digest of them; null where there is no file
 */
record Suspect(Manifest.@Nullable File claimed, long bytes, @Nullable Digest digest) {
    boolean isCleared() {
        return claimed != null && digest != null && claimed.bytes() == bytes && claimed.sha256().equals(digest.hex());
    }

    private boolean isNamedBy(Violation violation) {
        return claimed != null && violation.file().equals(claimed.name());
    }

    /** Passes on what was found, without what is laid to a file that is cleared while the other is not; names every file that is not. */
    static void blame(Findings found, Findings target, Suspect data, Suspect index) {
        boolean oneIsCleared = data.isCleared() != index.isCleared();
        Suspect cleared = data.isCleared() ? data : index;
        for (Violation violation : found.violations()) {
            if (!(oneIsCleared && cleared.isNamedBy(violation))) {
                target.add(violation.file(), violation.chunk(), violation.offset(), violation.detail());
            }
        }
        data.nameUnlessCleared(target);
        index.nameUnlessCleared(target);
    }

    private void nameUnlessCleared(Findings target) {
        if (claimed != null && !isCleared() && !target.names(claimed.name())) {
            String is =
                    digest == null ? "The file is missing" : "The file has " + bytes + " bytes and SHA-256 " + digest;
            target.add(
                    claimed.name(),
                    is + ", the manifest says " + claimed.bytes() + " bytes and " + claimed.sha256() + ".");
        }
    }
}
