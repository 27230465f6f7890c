package io.hindsight.agent.os;

import io.hindsight.agent.os.proc.CgroupFolders;
import io.hindsight.agent.os.proc.ProcFiles;
import io.hindsight.event.OsEvent;
import io.hindsight.event.OsEvent.Kind;
import io.hindsight.testing.Root;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long a checkpoint takes, of this machine and of one with many more processes and sockets. No test: run it by name, as docs/BENCHMARKS.md says. */
class CheckpointSpeed {
    private static final int ROUNDS = 8;

    /** Forks so many processes that each hold both ends of some connections. */
    private static final String CROWD =
            """
            import os,socket,sys
            count=int(sys.argv[1]); per=int(sys.argv[2])
            listener=socket.socket(); listener.bind(('127.0.0.1',0)); listener.listen(512)
            for i in range(count):
                if os.fork()==0:
                    mine=[]
                    for j in range(per):
                        s=socket.create_connection(listener.getsockname()); mine.append(s)
                        mine.append(listener.accept()[0])
                    listener.close()
                    print('ready', flush=True)
                    sys.stdin.read(); os._exit(0)
            sys.stdin.read()
            """;

    @Test
    void measure() throws Exception {
        Root.require("sockets of other processes");
        round("this machine", 0, 0);
        round("a crowd", 1_000, 5);
        round("a great crowd", 2_000, 5);
    }

    private static void round(String name, int processes, int pairs) throws Exception {
        try (Child crowd = new Child("python3", "-c", CROWD, "" + processes, "" + pairs)) {
            for (int ready = 0; ready < processes; ready++) {
                crowd.line();
            }
            List<Double> wallMs = new ArrayList<>();
            List<Double> cpuMs = new ArrayList<>();
            OsCheckpoint last = take();
            for (int i = 0; i < ROUNDS; i++) {
                long cpuNs = cpuNs();
                long startNs = System.nanoTime();
                last = take();
                wallMs.add((System.nanoTime() - startNs) / 1e6);
                cpuMs.add((cpuNs() - cpuNs) / 1e6);
            }
            tell(name, last, wallMs, cpuMs);
            crowd.endInput();
        }
    }

    private static void tell(String name, OsCheckpoint checkpoint, List<Double> wallMs, List<Double> cpuMs) {
        List<OsEvent> events = checkpoint.entries().stream().map(RecordingSink::read).toList();
        System.err.printf(
                "checkpoint of %s: processes=%d sockets=%d bytes=%d wall ms %.0f (median), CPU ms %.0f%n",
                name,
                events.stream().filter(event -> event.kind() == Kind.PROCESS).count(),
                events.stream().filter(event -> event.kind() == Kind.SOCKET).count(),
                checkpoint.bytes(),
                wallMs.stream().sorted().skip(ROUNDS / 2).findFirst().orElse(0.0),
                cpuMs.stream().sorted().skip(ROUNDS / 2).findFirst().orElse(0.0));
    }

    private static OsCheckpoint take() throws InterruptedException {
        long nowNs = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
        ProcFiles files = new ProcFiles(nowNs);
        ProcessTable table = new ProcessTable(files, CgroupFolders.ofMachine(), PodDirectory.NONE);
        return new OsInventory(files, table, () -> nowNs).take(new OsEntry(1 << 16));
    }

    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
