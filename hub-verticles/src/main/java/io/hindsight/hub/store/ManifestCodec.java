package io.hindsight.hub.store;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.json.JsonMapping;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/**
 * {@link Manifest} to the bytes of {@code manifest.json} and back. The file carries its own digest, so that a flipped bit is told apart from a
 * flipped bit in {@code manifest.sha256}. Stateless.
 */
public final class ManifestCodec {
    /** Longest manifest that is read. */
    public static final int MAX_LENGTH = 64 << 20;

    private static final String NO_DIGEST = "0".repeat(2 * Digest.LENGTH);

    private ManifestCodec() {}

    /** The digest that a manifest of these bytes has to carry in place of the one that it does carry. */
    public static Digest digestOf(byte[] bytes, String carried) {
        return Digest.ofContent(replaceLast(bytes, carried, NO_DIGEST));
    }

    /** The file's bytes; {@link Manifest#digest()} is computed, whatever it was. */
    public static byte[] encode(Manifest manifest) {
        JsonObject json = JsonMapping.toJson(manifest);
        json.remove("digest");
        json.put("digest", NO_DIGEST);
        byte[] withoutDigest = (json.encodePrettily() + "\n").getBytes(StandardCharsets.UTF_8);
        String digest = Digest.ofContent(withoutDigest).hex();
        return replaceLast(withoutDigest, NO_DIGEST, digest);
    }

    /** The digest that the file of this manifest carries. */
    public static Digest digest(Manifest manifest) {
        return new Digest(parse(encode(manifest)).digest());
    }

    /**
     * The manifest, its own digest checked.
     *
     * @throws HindsightException INTEGRITY_VIOLATED with what is wrong
     */
    public static Manifest decode(byte[] bytes) {
        Manifest manifest = parse(bytes);
        require(
                manifest.formatVersion() == Manifest.FORMAT_VERSION,
                "its format version=" + manifest.formatVersion() + " is not known");
        require(
                digestOf(bytes, manifest.digest()).hex().equals(manifest.digest()),
                "it does not match the digest that it carries");
        return manifest;
    }

    /**
     * What the file says, its digest not checked: for saying what is wrong with it.
     *
     * @throws HindsightException INTEGRITY_VIOLATED where it is not a manifest at all
     */
    public static Manifest parse(byte[] bytes) {
        try {
            JsonObject json = new JsonObject(new String(bytes, StandardCharsets.UTF_8));
            for (String field :
                    new String[] {"formatVersion", "id", "state", "createdAt", "from", "to", "digest", "nodes"}) {
                require(json.containsKey(field), "the field " + field + " is absent");
            }
            return JsonMapping.fromJson(json, Manifest.class);
        } catch (DecodeException | HindsightException | NullPointerException e) {
            throw new HindsightException(
                    ErrorCode.INTEGRITY_VIOLATED, "The manifest cannot be read: " + e.getMessage(), e);
        }
    }

    /** Works on bytes as they are, also where they are not valid UTF-8. */
    private static byte[] replaceLast(byte[] bytes, String old, String replacement) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf(old);
        require(!old.isEmpty() && at >= 0, "it carries no digest");
        return (text.substring(0, at) + replacement + text.substring(at + old.length()))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new HindsightException(ErrorCode.INTEGRITY_VIOLATED, "The manifest cannot be used: " + problem + ".");
        }
    }
}
