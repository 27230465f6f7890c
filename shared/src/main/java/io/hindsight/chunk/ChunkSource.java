package io.hindsight.chunk;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import java.util.Arrays;
import java.util.Optional;

/** What a chunk's records are. The code is stored in the chunk header. */
public enum ChunkSource {
    /** Packets, as Enhanced Packet Blocks. */
    PACKETS(1, "packets"),
    /** Kubernetes events and object changes, as systemd Journal Export Blocks. */
    KUBERNETES(2, "kubernetes"),
    /** Operating-system events, as systemd Journal Export Blocks. */
    OS(3, "os");

    private final int code;
    private final String label;

    ChunkSource(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** Code in the chunk header, 1 to 255. */
    public int code() {
        return code;
    }

    /** Name in JSON, metrics and file names. */
    public String label() {
        return label;
    }

    /** The source of this label, if there is one. */
    public static Optional<ChunkSource> ofLabel(String label) {
        return Arrays.stream(values()).filter(source -> source.label.equals(label)).findFirst();
    }

    /** Whether {@link #ofCode} knows the code. */
    public static boolean isCode(int code) {
        return Arrays.stream(values()).anyMatch(source -> source.code == code);
    }

    /** The source of a header's code; an unknown one is {@link ErrorCode#INTEGRITY_VIOLATED}. */
    public static ChunkSource ofCode(int code) {
        for (ChunkSource source : values()) {
            if (source.code == code) {
                return source;
            }
        }
        throw new HindsightException(
                ErrorCode.INTEGRITY_VIOLATED, "The chunk header names an unknown source=" + code + ".");
    }
}
