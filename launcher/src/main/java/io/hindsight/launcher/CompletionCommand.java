package io.hindsight.launcher;

import io.hindsight.launcher.cli.CommonOptions;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code completion}: the script that completes commands and options. */
@Command(
        name = "completion",
        description = "Prints the completion script for a shell.",
        footer = {"", "In bash or zsh:  source <(hindsight completion)"})
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;

    /** Shells that the script is for: it turns on bash completion where zsh reads it. */
    enum Shell {
        bash,
        zsh
    }

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private final CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "SHELL",
            defaultValue = "bash",
            description = "${COMPLETION-CANDIDATES}; one script serves both.")
    private Shell shell = Shell.bash;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out()
                .println(
                        "# "
                                + shell
                                + " completion of hindsight"
                                + (common.debug() ? ", made by " + spec.qualifiedName() : ""));
        terminal.out().print(AutoComplete.bash("hindsight", spec.root().commandLine()));
        return ExitStatus.DONE.code();
    }
}
