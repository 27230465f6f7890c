package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.hub.store.DigestList;
import io.hindsight.hub.store.SealedSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Checks {@code manifest.sha256} against what it should be. Stateless. */
final class DigestListCheck {
    private DigestListCheck() {}

    /** Digests by name; nothing of lines that cannot be understood. */
    static Map<String, String> byName(byte[] list) {
        Map<String, String> digests = new LinkedHashMap<>();
        DigestList.parse(list).forEach(line -> digests.putIfAbsent(line.name(), line.sha256()));
        return digests;
    }

    /** Compares it with what follows from the manifest, byte for byte. */
    static void compare(byte[] expected, byte[] found, Findings findings) {
        int at = Arrays.mismatch(expected, found);
        if (at >= 0) {
            boolean sameLength = expected.length == found.length;
            long end = sameLength ? lastMismatch(expected, found) + 1 : Math.max(expected.length, found.length);
            Kind kind = at == found.length ? Kind.CUT_OFF : Kind.CHANGED;
            findings.add(
                    Violation.of(
                                    kind,
                                    SealedSnapshot.DIGESTS_FILE,
                                    "The list of digests is not the one that belongs to "
                                            + SealedSnapshot.MANIFEST_FILE
                                            + ": from this offset on it should be other bytes.")
                            .at(at, end - at)
                            .values(lineAt(expected, at), lineAt(found, at)));
        }
    }

    private static long lastMismatch(byte[] expected, byte[] found) {
        int last = expected.length - 1;
        while (expected[last] == found[last]) {
            last--;
        }
        return last;
    }

    private static String lineAt(byte[] list, int at) {
        int from = Math.min(at, list.length);
        while (from > 0 && list[from - 1] != '\n') {
            from--;
        }
        int to = from;
        while (to < list.length && list[to] != '\n' && to - from < 400) {
            to++;
        }
        return new String(list, from, to - from, StandardCharsets.UTF_8);
    }
}
