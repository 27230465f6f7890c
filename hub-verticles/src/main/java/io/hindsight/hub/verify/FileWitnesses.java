package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a file is what was sealed. It is cleared by its SHA-256 in the manifest; or by that in {@code manifest.sha256}, and then the manifest is at
 * fault. One thread at a time.
 */
final class FileWitnesses {
    private final FolderFiles files;
    private final Map<String, String> listed;
    private final ManifestClaims claims;

    /** @param listed digests of {@code manifest.sha256}, by file name */
    FileWitnesses(FolderFiles files, Map<String, String> listed, ManifestClaims claims) {
        this.files = files;
        this.listed = listed;
        this.claims = claims;
    }

    /** A manifest that points out of the folder is not followed; one that names what only it knows is at fault itself. */
    boolean isThere(String field, Manifest.File file) {
        if (!files.isName(file.name())) {
            claims.add(field, "The manifest names a file outside the snapshot's folder.", null, file.name());
            return false;
        }
        if (!files.exists(file.name()) && !listed.isEmpty() && !listed.containsKey(file.name())) {
            claims.add(
                    field,
                    "The manifest names a file that is not there, nor in the list of digests.",
                    null,
                    file.name());
            return false;
        }
        return files.isPresent(file.name());
    }

    /** Whether a file of this length and digest is what was sealed. */
    boolean isCleared(String entry, Manifest.File claimed, long bytes, Digest digest) {
        if (claimed.bytes() == bytes && claimed.sha256().equals(digest.hex())) {
            return true;
        }
        boolean byList = digest.hex().equals(listed.get(claimed.name()));
        if (byList) {
            claims.checkFile(entry, claimed, bytes, digest);
        }
        return byList;
    }

    /** Names a file that was not cleared, where nothing else has named it. */
    static void nameUnlessCleared(
            Findings findings, Manifest.File claimed, boolean cleared, long bytes, @Nullable Digest digest) {
        if (!cleared && !findings.names(claimed.name())) {
            String is = digest == null ? "other bytes" : bytes + " bytes and SHA-256 " + digest;
            String detail =
                    "The file has "
                            + is
                            + ", the manifest says "
                            + claimed.bytes()
                            + " bytes and "
                            + claimed.sha256()
                            + ".";
            findings.add(
                    Violation.of(Kind.CHANGED, claimed.name(), detail)
                            .at(0, Math.max(bytes, claimed.bytes()))
                            .values("sha256:" + claimed.sha256(), digest == null ? null : "sha256:" + digest));
        }
    }
}
