package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.ManifestCodec;
import io.hindsight.hub.store.SealedSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A manifest that may be broken. Where a single flipped bit explains its digest, it is turned back, so that the rest of the snapshot is
 * checked against what the manifest said.
 */
final class ManifestReading {
    private final byte[] bytes;
    private final @Nullable Manifest manifest;
    private final boolean sound;

    private ManifestReading(byte[] bytes, @Nullable Manifest manifest, boolean sound) {
        this.bytes = bytes;
        this.manifest = manifest;
        this.sound = sound;
    }

    /** Of the file; with the flipped bit turned back where there is one. Not to be written to. */
    byte[] bytes() {
        return bytes;
    }

    /** What it says; null where it cannot be understood. */
    @Nullable Manifest manifest() {
        return manifest;
    }

    /** Whether it is what was sealed, as far as its own digest tells. */
    boolean isSound() {
        return sound;
    }

    /** Every bit is tried, each in the time of hashing the file: half a second here. */
    private static final int MAX_LENGTH_TO_TRY = 10_000;

    /** The digest's 64 digits stand before a quote, a line feed, a brace and a line feed. */
    private static final int DIGEST_FROM_END = 2 * Digest.LENGTH + 4;

    static ManifestReading of(byte[] bytes, Findings findings) {
        try {
            return new ManifestReading(bytes, ManifestCodec.decode(bytes), true);
        } catch (HindsightException broken) {
            int bit = flippedBit(bytes);
            Violation violation =
                    Violation.of(Kind.CHANGED, SealedSnapshot.MANIFEST_FILE, String.valueOf(broken.getMessage()));
            if (bit >= 0) {
                return repaired(bytes, bit, violation, findings);
            }
            findings.add(violation.at(0, bytes.length));
            return new ManifestReading(bytes, understood(bytes), false);
        }
    }

    private static ManifestReading repaired(byte[] bytes, int bit, Violation violation, Findings findings) {
        byte[] repaired = flipped(bytes, bit);
        int offset = bit / Byte.SIZE;
        Violation placed =
                Violation.of(
                                violation.kind(),
                                violation.file(),
                                violation.detail()
                                        + " One flipped bit explains it: bit "
                                        + bit % Byte.SIZE
                                        + " of the byte at offset "
                                        + offset
                                        + ".")
                        .at(offset, 1);
        findings.add(JsonPlaces.at(repaired, offset).map(place -> placed.in(place.pointer())).orElse(placed));
        return new ManifestReading(repaired, understood(repaired), true);
    }

    private static @Nullable Manifest understood(byte[] bytes) {
        try {
            return ManifestCodec.parse(bytes);
        } catch (HindsightException notAManifest) {
            return null;
        }
    }

    /** Number of the one bit that, turned back, makes the manifest match its digest; −1 where there is none. */
    private static int flippedBit(byte[] bytes) {
        int digestAt = bytes.length - DIGEST_FROM_END;
        if (digestAt < 0 || bytes.length > MAX_LENGTH_TO_TRY) {
            return -1;
        }
        byte[] blank = bytes.clone();
        Arrays.fill(blank, digestAt, digestAt + 2 * Digest.LENGTH, (byte) '0');
        byte[] carried = Arrays.copyOfRange(bytes, digestAt, digestAt + 2 * Digest.LENGTH);
        int inDigest = differingBit(carried, hex(blank));
        if (inDigest >= 0) {
            return digestAt * Byte.SIZE + inDigest;
        }
        for (int bit = 0; bit < blank.length * Byte.SIZE; bit++) {
            boolean outside = bit / Byte.SIZE < digestAt || bit / Byte.SIZE >= digestAt + 2 * Digest.LENGTH;
            if (outside && Arrays.equals(hex(flipped(blank, bit)), carried)) {
                return bit;
            }
        }
        return -1;
    }

    private static byte[] hex(byte[] content) {
        return Digest.ofContent(content).hex().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Number of the only bit in which the two differ, or −1. */
    private static int differingBit(byte[] one, byte[] other) {
        int at = Arrays.mismatch(one, other);
        int difference = at < 0 ? 0 : (one[at] ^ other[at]) & 0xFF;
        boolean onlyOne =
                Integer.bitCount(difference) == 1
                        && Arrays.equals(one, at + 1, one.length, other, at + 1, other.length);
        return onlyOne ? at * Byte.SIZE + Integer.numberOfTrailingZeros(difference) : -1;
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] copy = bytes.clone();
        copy[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
        return copy;
    }
}
