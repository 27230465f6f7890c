package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The token that a client shows: from a file with that alone, or from a Hub's token file, whose lines are {@code name:role:token}, {@code name:token} or a
 * token, empty, or start with {@code #}. Tokens of agents do not use the API, so that the first other one is taken. Stateless.
 */
final class TokenFile {
    private TokenFile() {}

    /** The token to show; a {@link CommandFailure} names the file where there is none. */
    static String read(Path file) {
        List<String> lines = lines(file);
        return lines.stream()
                .filter(line -> !isOfAgent(line))
                .findFirst()
                .map(line -> line.substring(line.lastIndexOf(':') + 1).strip())
                .orElseThrow(() -> none(file, lines.isEmpty()));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException unreadable) {
            throw CommandFailure.of(
                    ErrorCode.INVALID_CONFIGURATION,
                    "The token file " + file + " cannot be read (" + unreadable.getClass().getSimpleName() + ").");
        }
    }

    private static boolean isOfAgent(String line) {
        return line.startsWith("agent:") || line.startsWith("agent@");
    }

    private static CommandFailure none(Path file, boolean empty) {
        return CommandFailure.of(
                ErrorCode.INVALID_CONFIGURATION,
                empty
                        ? "The token file " + file + " is empty."
                        : "The token file " + file + " holds tokens of agents alone, and those do not use the API.");
    }
}
