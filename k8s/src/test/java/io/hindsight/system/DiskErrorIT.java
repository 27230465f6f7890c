package io.hindsight.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hindsight.testing.Root;
import io.hindsight.testing.Tools;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The disk fails beneath the running program, in every file of a snapshot and at every step: that snapshot fails and says why, nothing of it is
 * kept, and the next one is whole.
 */
class DiskErrorIT {
    private static final String NODE = "node-1";
    private static final String WRITE = "write,writev,pwrite64,pwritev";
    private static final String SYNC = "fsync,fdatasync";
    private static final String RENAME = "rename,renameat,renameat2";

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    Path folder;

    @SuppressWarnings("NullAway.Init")
    private Traffic traffic;

    /** A fault: what fails, in which file of the hidden folder, and the code that the user sees. */
    private record Fault(String name, String calls, String error, Function<Path, Path> file, String code) {}

    private static final List<Fault> FAULTS =
            List.of(
                    new Fault("data written", WRITE, "EIO", hidden -> hidden.resolve(NODE + ".pcapng"), "IO_FAILED"),
                    new Fault(
                            "data written to a full disk",
                            WRITE,
                            "ENOSPC",
                            hidden -> hidden.resolve(NODE + ".pcapng"),
                            "INSUFFICIENT_STORAGE"),
                    new Fault("data synced", SYNC, "EIO", hidden -> hidden.resolve(NODE + ".pcapng"), "IO_FAILED"),
                    new Fault("index written", WRITE, "EIO", hidden -> hidden.resolve(NODE + ".index"), "IO_FAILED"),
                    new Fault("index synced", SYNC, "EIO", hidden -> hidden.resolve(NODE + ".index"), "IO_FAILED"),
                    new Fault("manifest written", WRITE, "EIO", hidden -> hidden.resolve("manifest.json"), "IO_FAILED"),
                    new Fault("manifest synced", SYNC, "EIO", hidden -> hidden.resolve("manifest.json"), "IO_FAILED"),
                    new Fault("folder synced", SYNC, "EIO", hidden -> hidden, "IO_FAILED"),
                    new Fault("folder renamed", RENAME, "EIO", hidden -> hidden, "IO_FAILED"),
                    new Fault("volume synced after the rename", SYNC, "EIO", Path::getParent, "IO_FAILED"));

    @BeforeEach
    void connect() throws IOException {
        Root.require("network namespaces, raw sockets and tracing");
        Tools.require("ip", "iperf3", "ss", "curl", "strace");
        traffic = new Traffic(folder);
    }

    @AfterEach
    void disconnect() {
        if (traffic != null) {
            traffic.close();
        }
    }

    @Test
    void shouldFailTheSnapshotAndLiveWhateverTheDiskRefuses() throws Exception {
        String[] options = {"--interface", "hsa", "--storage-size", "256Mi", "--slot-size", "1Mi", "--node", NODE};
        try (RunningProgram program = RunningProgram.up(traffic.here(), folder.resolve("data"), options)) {
            Instant from = Instant.now();
            traffic.bulk("150M");
            for (Fault fault : FAULTS) {
                strike(program, fault, from);
            }
            JsonObject whole = program.api().snapshot(from, Instant.now());
            assertThat(whole.getString("state")).as(whole.encode()).isEqualTo("COMPLETE");
            assertThat(program.api().listed()).as("failures stay listed").hasSize(FAULTS.size() + 1);
        }
    }

    private void strike(RunningProgram program, Fault fault, Instant from) throws IOException {
        Api api = program.api();
        String id = api.create(from, Instant.now());
        program.signal("STOP"); // the names are known now, and most of the work is still to be done
        Path sealed = program.snapshotFolder(id);
        Path hidden = sealed.resolveSibling("." + id + ".building");
        Path file = fault.file().apply(hidden);
        try (Strace strace = new Strace(folder, program.process().toHandle(), fault.calls(), fault.error(), file)) {
            program.signal("CONT");
            JsonObject snapshot = api.ended(id);
            assertThat(strace.hasStruck()).as(fault.name() + ": " + snapshot.encode() + strace.text()).isTrue();
            assertThat(snapshot.getString("state")).as(fault.name() + ": " + snapshot.encode()).isEqualTo("FAILED");
            JsonObject error = snapshot.getJsonObject("error");
            assertThat(error.getString("code")).as(fault.name() + ": " + error.encode()).isEqualTo(fault.code());
            assertThat(error.getString("detail")).as(fault.name()).contains(String.valueOf(file.getFileName()));
        }
        await().untilAsserted(() -> assertThat(hidden).as(fault.name()).doesNotExist());
        assertThat(sealed).as(fault.name() + ": not sealed").doesNotExist();
    }
}
