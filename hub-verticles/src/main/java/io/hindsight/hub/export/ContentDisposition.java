package io.hindsight.hub.export;

import java.nio.charset.StandardCharsets;

/** The value of {@code Content-Disposition} (RFC 6266) for a download, with the name in UTF-8 too where it needs it (RFC 8187). */
public final class ContentDisposition {
    /** RFC 8187's attr-char, beside letters and digits. */
    private static final String ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~";

    private ContentDisposition() {}

    /** A download under this file name. Whatever the name holds, the value is one safe header line. */
    public static String attachment(String fileName) {
        String ascii = ascii(fileName);
        String value = "attachment; filename=\"" + ascii + "\"";
        return ascii.equals(fileName) ? value : value + "; filename*=UTF-8''" + percentEncoded(fileName);
    }

    private static String ascii(String fileName) {
        StringBuilder ascii = new StringBuilder();
        fileName.codePoints().forEach(c -> ascii.append(isPlain(c) ? (char) c : '_'));
        return ascii.toString();
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '%' && c != '/';
    }

    private static String percentEncoded(String fileName) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : fileName.getBytes(StandardCharsets.UTF_8)) {
            if (isAttributeCharacter(b)) {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b));
            }
        }
        return encoded.toString();
    }

    private static boolean isAttributeCharacter(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || ATTRIBUTE_CHARACTERS.indexOf(b) >= 0;
    }
}
