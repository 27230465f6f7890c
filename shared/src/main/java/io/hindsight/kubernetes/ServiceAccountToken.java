package io.hindsight.kubernetes;

import io.fabric8.kubernetes.client.OAuthTokenProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token that the kubelet puts into a pod, and replaces before it expires: read again whenever its file has changed, which is looked at with every request. The library
 * reads a token that it found by itself once a minute, and from wherever it finds one, a home folder's kubeconfig too. Thread-safe. Nothing ever logs the token.
 */
public final class ServiceAccountToken implements OAuthTokenProvider {
    /** Longer files are not read. */
    static final int MAX_FILE_LENGTH = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(ServiceAccountToken.class);

    private final Path file;

    // Guarded by this.
    private @Nullable FileTime modified;
    private String token = "";

    /** Reads nothing yet. */
    public ServiceAccountToken(Path file) {
        this.file = file;
    }

    /** The token; empty where there has never been one. A file that cannot be read leaves the last one. */
    @Override
    public synchronized String getToken() {
        try {
            FileTime now = Files.getLastModifiedTime(file); // follows the links that the kubelet swaps
            if (!now.equals(modified)) {
                read();
                modified = now;
            }
        } catch (IOException e) {
            LOG.warn("The service account's token cannot be read: file={}, the last one is used.", file, e);
        }
        return token;
    }

    private void read() throws IOException {
        if (Files.size(file) > MAX_FILE_LENGTH) {
            throw new IOException("bytes=" + Files.size(file) + ", limit=" + MAX_FILE_LENGTH);
        }
        token = Files.readString(file, StandardCharsets.US_ASCII).strip();
    }
}
