package io.hindsight.hub.verify;

import io.hindsight.hub.store.DerivedFile;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** Checks the files that were computed from the data: names of the fixed list, each once, and their digests. One thread at a time. */
final class DerivedCheck {
    private final FolderFiles files;
    private final FileWitnesses witnesses;
    private final ManifestClaims claims;
    private final Set<String> seen = new HashSet<>();

    DerivedCheck(FolderFiles files, FileWitnesses witnesses, ManifestClaims claims) {
        this.files = files;
        this.witnesses = witnesses;
        this.claims = claims;
    }

    void check(Manifest manifest, Findings findings) {
        for (int number = 0; number < manifest.derivedFiles().size(); number++) {
            check("/derived/" + number, manifest.derivedFiles().get(number), findings);
        }
    }

    private void check(String entry, Manifest.File file, Findings findings) {
        String field = entry + "/name";
        if (DerivedFile.named(file.name()).isEmpty()) {
            claims.add(field, "The manifest names a derived file that there is no such kind of.", null, file.name());
        } else if (!seen.add(file.name())) {
            claims.add(field, "The manifest names a derived file twice.", null, file.name());
        } else if (witnesses.isThere(field, file)) {
            compare(entry, file, findings);
        }
    }

    private void compare(String entry, Manifest.File file, Findings findings) {
        try {
            long bytes = files.length(file.name());
            Digest digest = files.digest(file.name());
            boolean cleared = witnesses.isCleared(entry, file, bytes, digest);
            FileWitnesses.nameUnlessCleared(findings, file, cleared, bytes, digest);
        } catch (IOException e) {
            files.addUnreadable(file.name(), e);
        }
    }
}
