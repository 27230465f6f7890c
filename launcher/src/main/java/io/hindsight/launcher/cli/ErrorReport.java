package io.hindsight.launcher.cli;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns failures into one line on the error stream and an exit code; a stack trace only with {@code --debug}. */
public final class ErrorReport implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Terminal terminal;

    /** Reports to the terminal's error stream. */
    public ErrorReport(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        terminal.err().println("hindsight: USAGE: " + oneLine(wrong.getMessage()) + suggestion(wrong));
        terminal.err().println("Try '" + command + " --help'.");
        return ExitStatus.USAGE.code();
    }

    private static String suggestion(ParameterException wrong) {
        if (!(wrong instanceof CommandLine.UnmatchedArgumentException unmatched)
                || unmatched.getSuggestions().isEmpty()) {
            return "";
        }
        return " (did you mean " + String.join(" or ", unmatched.getSuggestions().stream().limit(3).toList()) + "?)";
    }

    @Override
    public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
        CommandFailure failure = asFailure(error);
        if (given(parsed, "--json")) {
            terminal.err().println(json(failure).encode());
        } else {
            terminal.err()
                    .println("hindsight: " + failure.code() + ": " + oneLine(failure.getMessage()) + field(failure));
        }
        if (given(parsed, "--debug")) {
            error.printStackTrace(terminal.err());
        }
        return failure.status().code();
    }

    private static CommandFailure asFailure(Exception error) {
        if (error instanceof CommandFailure failure) {
            return failure;
        }
        if (error instanceof HindsightException known) {
            return CommandFailure.ofProblem(
                    ExitStatus.of(known.code()),
                    known.code().name(),
                    known.field(),
                    String.valueOf(known.getMessage()));
        }
        String message =
                error.getClass().getSimpleName() + (error.getMessage() == null ? "" : ": " + error.getMessage());
        return CommandFailure.of(
                error instanceof java.io.IOException ? ErrorCode.IO_FAILED : ErrorCode.INTERNAL,
                message + " (--debug shows where)");
    }

    private static JsonObject json(CommandFailure failure) {
        JsonObject problem = new JsonObject().put("code", failure.code()).put("detail", failure.getMessage());
        return failure.field() == null ? problem : problem.put("field", failure.field());
    }

    private static String field(CommandFailure failure) {
        return failure.field() == null ? "" : " [field " + failure.field() + "]";
    }

    private static boolean given(ParseResult parsed, String option) {
        return parsed.originalArgs().contains(option);
    }

    private static String oneLine(@Nullable String message) {
        return Objects.requireNonNullElse(message, "no message").strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
