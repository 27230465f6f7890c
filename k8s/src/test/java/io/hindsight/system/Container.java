package io.hindsight.system;

import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A container of the image under runc, as the chart's pods are: read-only root, no new privileges, a seccomp profile, a network namespace,
 * and no capabilities but those given.
 */
final class Container implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * Who it is, and where.
     *
     * @param host namespace of the network it is in
     * @param node whether it sees the node: its processes, cgroups and tracepoints
     * @param data folder that it keeps
     * @param secrets folder that it reads at {@code /etc/hindsight}
     */
    record Pod(
            String name,
            NetworkNamespace host,
            int user,
            List<String> capabilities,
            boolean node,
            Path data,
            Path secrets) {}

    private final String id;
    private final Path state;
    private final Path stdout;
    private final Path stderr;
    private final Process runc;
    private final Path pidFile;
    private final Instant startedAt = Instant.now();

    private Container(OciImage image, Path folder, Pod pod, List<String> arguments) throws IOException {
        id = pod.name() + "-" + ProcessHandle.current().pid();
        state = folder.resolve("runc");
        Path bundle = Files.createDirectories(folder.resolve(pod.name()));
        stdout = bundle.resolve("stdout");
        stderr = bundle.resolve("stderr");
        pidFile = bundle.resolve("pid");
        Files.writeString(bundle.resolve("config.json"), spec(image, pod, arguments).encodePrettily());
        List<String> run = new ArrayList<>(List.of("runc", "--root", state.toString(), "run"));
        run.addAll(List.of("--pid-file", pidFile.toString(), "--bundle", bundle.toString(), id));
        runc = new ProcessBuilder(run).redirectOutput(stdout.toFile()).redirectError(stderr.toFile()).start();
    }

    /** Starts it; returns when it has said these words. */
    static Container start(OciImage image, Path folder, Pod pod, String ready, String... arguments) throws IOException {
        Container container = new Container(image, folder, pod, List.of(arguments));
        try {
            await().atMost(PATIENCE)
                    .until(() -> Files.readString(container.stdout).contains(ready) || !container.runc.isAlive());
            if (!container.runc.isAlive()) {
                throw new AssertionError("it ended: " + container.stderr());
            }
            return container;
        } catch (IOException | RuntimeException | AssertionError failed) {
            container.close();
            throw failed;
        }
    }

    private static JsonObject spec(OciImage image, Pod pod, List<String> arguments) throws IOException {
        JsonArray words = image.config().getJsonArray("Entrypoint").copy();
        arguments.forEach(words::add);
        JsonObject capabilities = new JsonObject();
        for (String set : List.of("bounding", "effective", "permitted")) {
            capabilities.put(set, pod.capabilities());
        }
        JsonObject process =
                new JsonObject()
                        .put("user", new JsonObject().put("uid", pod.user()).put("gid", pod.user()))
                        .put("args", words)
                        .put("env", image.config().getJsonArray("Env"))
                        .put("cwd", "/")
                        .put("capabilities", capabilities)
                        .put("noNewPrivileges", true);
        JsonObject linux =
                new JsonObject()
                        .put("namespaces", namespaces(pod))
                        .put("seccomp", SeccompProfile.of(pod.capabilities()))
                        .put("maskedPaths", List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/sys/firmware"))
                        .put("readonlyPaths", List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"));
        return new JsonObject()
                .put("ociVersion", "1.0.2")
                .put("process", process)
                .put("root", new JsonObject().put("path", image.root().toString()).put("readonly", true))
                .put("hostname", pod.name())
                .put("mounts", mounts(pod))
                .put("linux", linux);
    }

    private static JsonArray namespaces(Pod pod) {
        JsonArray namespaces = new JsonArray();
        List<String> own =
                pod.node() ? List.of("mount", "ipc", "uts", "cgroup") : List.of("mount", "ipc", "uts", "cgroup", "pid");
        own.forEach(type -> namespaces.add(new JsonObject().put("type", type)));
        return namespaces.add(new JsonObject().put("type", "network").put("path", pod.host().path().toString()));
    }

    private static JsonArray mounts(Pod pod) {
        JsonArray mounts =
                new JsonArray()
                        .add(pod.node() ? bind("/proc", "/proc", "rw") : mount("proc", "/proc", "nosuid"))
                        .add(mount("tmpfs", "/dev", "nosuid"))
                        .add(mount("sysfs", "/sys", "ro"))
                        .add(mount("tmpfs", "/tmp", "size=64m"))
                        .add(bind(pod.data().toString(), "/var/lib/hindsight", "rw"))
                        .add(bind(pod.secrets().toString(), "/etc/hindsight", "ro"));
        if (pod.node()) {
            mounts.add(bind("/sys/fs/cgroup", "/sys/fs/cgroup", "ro"));
            mounts.add(bind("/sys/kernel/tracing", "/sys/kernel/tracing", "ro"));
        }
        return mounts;
    }

    private static JsonObject mount(String type, String at, String option) {
        return new JsonObject(Map.of("destination", at, "type", type, "source", type, "options", List.of(option)));
    }

    private static JsonObject bind(String from, String at, String access) {
        return new JsonObject(
                Map.of("destination", at, "type", "bind", "source", from, "options", List.of("rbind", access)));
    }

    /** The program, which is process 1 of the container. */
    ProcessHandle process() throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
    }

    /** A line of what the kernel says of it. */
    String status(String label) throws IOException {
        return Files.readAllLines(Path.of("/proc", "" + process().pid(), "status")).stream()
                .filter(line -> line.startsWith(label + ":"))
                .map(line -> line.substring(label.length() + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    Instant startedAt() {
        return startedAt;
    }

    /** Its log. */
    String stderr() throws IOException {
        return Files.readString(stderr);
    }

    /** SIGTERM, as a pod that is deleted gets; returns its exit code. */
    int end() throws InterruptedException {
        Tools.run("runc", "--root", state.toString(), "kill", id, "TERM").succeeded();
        if (!runc.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError("still running 20 s after the signal");
        }
        return runc.exitValue();
    }

    @Override
    public void close() {
        Tools.run("runc", "--root", state.toString(), "delete", "--force", id);
        runc.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
}
