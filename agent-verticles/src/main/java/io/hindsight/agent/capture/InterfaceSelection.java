package io.hindsight.agent.capture;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which interfaces to record from: names, globs ({@code *}, {@code ?}, {@code [a-z]}) or {@code any}. Immutable.
 */
public final class InterfaceSelection {
    private static final String ANY = "any";
    private static final Pattern GLOB_CHARACTERS = Pattern.compile("[*?\\[]");

    private final List<String> patterns;
    private final List<Pattern> compiled;

    public InterfaceSelection(List<String> patterns) {
        this.patterns = List.copyOf(patterns);
        this.compiled = this.patterns.stream().map(InterfaceSelection::compile).toList();
    }

    private static Pattern compile(String glob) {
        if (glob.equals(ANY)) {
            return Pattern.compile(".*");
        }
        StringBuilder expression = new StringBuilder();
        int literalFrom = 0;
        for (int i = 0; i < glob.length(); i++) {
            int close = glob.charAt(i) == '[' ? glob.indexOf(']', i + 2) : -1;
            String translated = translate(glob, i, close);
            if (!translated.isEmpty()) {
                expression.append(Pattern.quote(glob.substring(literalFrom, i))).append(translated);
                i = Math.max(i, close);
                literalFrom = i + 1;
            }
        }
        return Pattern.compile(expression.append(Pattern.quote(glob.substring(literalFrom))).toString());
    }

    private static String translate(String glob, int index, int close) {
        return switch (glob.charAt(index)) {
            case '*' -> ".*";
            case '?' -> ".";
            case '[' -> close < 0 ? "" : characterClass(glob.substring(index + 1, close));
            default -> "";
        };
    }

    private static String characterClass(String members) {
        boolean negated = members.startsWith("!") || members.startsWith("^");
        String plain = (negated ? members.substring(1) : members).replaceAll("([\\\\\\[\\]&^])", "\\\\$1");
        return "[" + (negated ? "^" : "") + plain + "]";
    }

    /** Whether an interface of this name is recorded from. */
    public boolean matches(String name) {
        return compiled.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }

    /** Whether every interface is, whatever its name. */
    public boolean isAny() {
        return patterns.contains(ANY) || patterns.contains("*");
    }

    /** The only interface that can match, or empty where more than one can. */
    public String singleName() {
        return patterns.size() == 1 && isPlain() ? patterns.getFirst() : "";
    }

    /** Whether there are only names: then a name that does not exist is worth a word. */
    public boolean isPlain() {
        return patterns.stream().noneMatch(pattern -> pattern.equals(ANY) || GLOB_CHARACTERS.matcher(pattern).find());
    }

    @Override
    public String toString() {
        return String.join(",", patterns);
    }
}
