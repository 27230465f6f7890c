package io.hindsight.testing;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;

/** {@code docs/verify.py}: a verifier that shares no code with Hindsight. */
public final class IndependentVerifier {
    /** Beside the folder of the module under test. */
    private static final Path DOCS = Path.of(System.getProperty("basedir", "."), "..", "docs");

    private IndependentVerifier() {}

    /** Its report on a file of chunks. */
    public static JsonObject chunks(Path file) {
        return report("--chunks", file.toString());
    }

    /** Its report on the ring of a recorder that does not run. */
    public static JsonObject ring(Path file) {
        return report("--ring", file.toString());
    }

    /** Its report on a sealed snapshot. */
    public static JsonObject snapshot(Path folder) {
        return report(folder.toString());
    }

    /** A file of the documentation. */
    public static Path document(String name) {
        return DOCS.resolve(name);
    }

    private static JsonObject report(String... arguments) {
        String[] command = new String[arguments.length + 3];
        command[0] = "python3";
        command[1] = document("verify.py").toString();
        command[2] = "--json";
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        ToolResult result = Tools.run(command);
        if (result.exit() != 0 && result.exit() != 3) {
            throw new AssertionError("exit=" + result.exit() + "\n" + result.stderr());
        }
        JsonObject report = new JsonObject(result.stdout());
        if (report.getBoolean("intact") != (result.exit() == 0)) {
            throw new AssertionError("exit=" + result.exit() + " but " + report);
        }
        return report;
    }
}
