package io.hindsight.launcher.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
public final class ProgramVersion implements IVersionProvider {
    /** For example {@code 0.1.0}; {@code unpackaged} where classes are run without a jar. */
    public static String number() {
        return Objects.requireNonNullElse(ProgramVersion.class.getPackage().getImplementationVersion(), "unpackaged");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"hindsight " + number() + ", Java " + Runtime.version()};
    }
}
