package io.hindsight.agent.os;

import java.util.Locale;

/** Text that somebody else chose, such as a process's name, made fit for one line that a person reads. Stateless. */
final class PlainText {
    private static final char CUT = '…';

    private PlainText() {}

    /**
     * The text with everything escaped that is not seen or moves what is: control characters, line and paragraph separators, direction marks, halves of characters.
     *
     * @param limit characters that are kept
     */
    static String of(String text, int limit) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), limit) + 1);
        int index = 0;
        while (index < text.length()) {
            int character = text.codePointAt(index);
            int length = Character.charCount(character);
            if (index + length > limit) {
                return line.append(CUT).toString();
            }
            if (isPlain(character)) {
                line.appendCodePoint(character);
            } else {
                line.append(
                        character <= 0xFF
                                ? String.format(Locale.ROOT, "\\x%02x", character)
                                : String.format(Locale.ROOT, "\\u%04x", character));
            }
            index += length;
        }
        return line.toString();
    }

    private static boolean isPlain(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED ->
                    false;
            default -> character != '\\';
        };
    }
}
