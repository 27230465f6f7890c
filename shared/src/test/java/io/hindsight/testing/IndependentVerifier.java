package io.hindsight.testing;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code docs/verify.py}: a verifier that shares no code with Hindsight. */
public final class IndependentVerifier {
    /** Beside the folder of the module under test. */
    private static final Path DOCS = Path.of(System.getProperty("basedir", "."), "..", "docs");

    private static final String MANY =
            "import json, sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); import verify\n"
                    + "for folder in sys.argv[2:]: print(json.dumps(verify.verify_snapshot(folder)))";

    private IndependentVerifier() {}

    /** Its report on a file of chunks. */
    public static JsonObject chunks(Path file) {
        return report("--chunks", file.toString());
    }

    /** Its report on the ring of a recorder that does not run. */
    public static JsonObject ring(Path file) {
        return report("--ring", file.toString());
    }

    /** Its report on a custody log: a folder or a file. */
    public static JsonObject custody(Path path) {
        return report("--custody", path.toString());
    }

    /** Its reports on several custody logs, by one start of Python. */
    public static List<JsonObject> custodies(List<Path> paths) {
        return reports(MANY.replace("verify_snapshot", "verify_custody"), paths);
    }

    /** Its report on a sealed snapshot. */
    public static JsonObject snapshot(Path folder) {
        return report(folder.toString());
    }

    /** Its reports on several sealed snapshots, by one start of Python. */
    public static List<JsonObject> snapshots(List<Path> folders) {
        return reports(MANY, folders);
    }

    private static List<JsonObject> reports(String program, List<Path> folders) {
        List<String> command = new ArrayList<>(List.of("python3", "-c", program, document("").toString()));
        folders.forEach(folder -> command.add(folder.toString()));
        ToolResult result = Tools.run(command.toArray(String[]::new));
        if (result.exit() != 0) {
            throw new AssertionError("exit=" + result.exit() + "\n" + result.stderr());
        }
        return result.stdout().lines().map(JsonObject::new).toList();
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
