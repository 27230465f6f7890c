package io.hindsight.launcher;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class ProgramVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "hindsight " + Objects.requireNonNullElse(version, "(not packaged)") + ", Java " + Runtime.version()
        };
    }
}
