package io.hindsight.launcher.cli;

import picocli.CommandLine.Option;

/** Options that every sub-command takes. Filled by picocli. */
public final class CommonOptions {
    @Option(names = "--json", description = "Prints JSON: the objects of the HTTP API.")
    private boolean json;

    @Option(names = "--debug", description = "Shows the stack trace of a failure.")
    private boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /** Whether results are for programs. */
    public boolean json() {
        return json;
    }

    /** Whether a failure shows its stack trace. */
    public boolean debug() {
        return debug;
    }

    /** Whether only help was asked for. */
    public boolean help() {
        return help;
    }
}
