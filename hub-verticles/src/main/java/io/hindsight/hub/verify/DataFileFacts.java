package io.hindsight.hub.verify;

import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.FileCounts;
import io.hindsight.hub.store.Manifest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was read in a node's data file.
 *
 * @param counts what its sound chunks hold
 * @param interfaces every interface described, in order of appearance
 * @param bytesRead of the data file
 * @param digest SHA-256 of the whole file; null where only checksums were asked for
 */
public record DataFileFacts(
        FileCounts counts, List<Manifest.Interface> interfaces, long bytesRead, @Nullable Digest digest) {
    public DataFileFacts {
        interfaces = List.copyOf(interfaces);
    }
}
