package io.hindsight.hub.custody;

import io.hindsight.api.CustodyAnchor;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Folders;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.SealedSnapshot;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the manifests of the sealed snapshots on a volume say of its custody log: each names the newest line when it was written. Whoever writes the log anew would
 * have to write them anew as well.
 */
record SealedAnchors(Map<Long, Map<String, String>> digests, int count) {
    static final SealedAnchors NONE = new SealedAnchors(Map.of(), 0);

    private static final Logger LOG = LoggerFactory.getLogger(SealedAnchors.class);

    /** Of the volume that the log's folder is in, if it is in one. */
    static SealedAnchors beside(Path logFolder) {
        Path volume = logFolder.toAbsolutePath().normalize().getParent();
        if (volume == null || !logFolder.endsWith(CustodyFormat.FOLDER)) {
            return NONE;
        }
        Map<Long, Map<String, String>> digests = new HashMap<>();
        int count = 0;
        for (Path folder : Folders.entries(volume)) {
            Optional<CustodyAnchor> anchor = anchor(folder);
            if (anchor.isPresent()) {
                digests.computeIfAbsent(anchor.get().sequence(), sequence -> new HashMap<>())
                        .put(anchor.get().digest(), String.valueOf(folder.getFileName()));
                count++;
            }
        }
        return new SealedAnchors(digests, count);
    }

    /** A manifest that cannot be used is the business of the snapshot's own verification. */
    private static Optional<CustodyAnchor> anchor(Path folder) {
        boolean sealed =
                !String.valueOf(folder.getFileName()).startsWith(".")
                        && Files.isRegularFile(folder.resolve(SealedSnapshot.MANIFEST_FILE), LinkOption.NOFOLLOW_LINKS);
        if (!sealed) {
            return Optional.empty();
        }
        try {
            Manifest manifest = ManifestCodec.decode(SealedSnapshot.manifestBytes(folder));
            return Optional.ofNullable(manifest.custody()).filter(anchor -> anchor.sequence() > 0);
        } catch (HindsightException unusable) {
            LOG.debug("No line of the custody log is taken from {}: {}", folder, unusable.getMessage());
            return Optional.empty();
        }
    }

    /** A snapshot whose manifest has another digest for this line. */
    Optional<String> contradicting(CustodyAnchor line) {
        return digests.getOrDefault(line.sequence(), Map.of()).entrySet().stream()
                .filter(anchor -> !anchor.getKey().equals(line.digest()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** A snapshot whose manifest names a line behind this one. */
    Optional<String> behind(long sequence) {
        return digests.entrySet().stream()
                .filter(anchor -> anchor.getKey() > sequence)
                .flatMap(anchor -> anchor.getValue().values().stream())
                .findFirst();
    }
}
