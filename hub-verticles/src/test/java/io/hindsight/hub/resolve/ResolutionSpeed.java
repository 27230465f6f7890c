package io.hindsight.hub.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.event.KubernetesChange;
import io.hindsight.event.OsEvent;
import io.hindsight.hub.testing.KubernetesChanges;
import io.hindsight.hub.testing.OsEvents;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What 10,000 pods with six changes each, and 100,000 connections, cost: {@code -Dtest=ResolutionSpeed}. Not part of the suite. */
class ResolutionSpeed {
    private static final int PODS = 10_000;
    private static final int CONNECTIONS = 100_000;

    @Test
    void shouldTellWhatItCosts() throws IOException {
        List<KubernetesChange> changes = changes();
        List<OsEvent> events = events();
        PrintStream out = System.out;
        for (int round = 0; round < 5; round++) {
            long before = usedBytes();
            long startNs = cpuNs();
            ResolutionBuilder builder = new ResolutionBuilder();
            changes.forEach(change -> builder.kubernetesChange("n1", change));
            events.forEach(event -> builder.osEvent("n1", event));
            ResolutionData data = builder.data();
            long builtNs = cpuNs();
            long builderBytes = usedBytes() - before;
            long indexStartNs = cpuNs();
            ResolutionIndex index = new ResolutionIndex(data);
            long indexedNs = cpuNs();
            ByteArrayOutputStream file = new ByteArrayOutputStream(32 << 20);
            ResolutionFileWriter.write(data, file);
            long writtenNs = cpuNs();
            Resolution read = ResolutionFile.read(file.toByteArray());
            long readNs = cpuNs();
            int found = lookUp(index);
            long lookedUpNs = cpuNs();
            assertThat(read.workloads()).hasSize(index.workloads().size());
            assertThat(found).isEqualTo(PODS);
            out.printf(
                    "records=%d build=%dms index=%dms heap=%dMiB file=%.1fMiB write=%dms read=%dms lookup=%dns%n",
                    changes.size() + events.size(),
                    (builtNs - startNs) / 1_000_000,
                    (indexedNs - indexStartNs) / 1_000_000,
                    builderBytes >> 20,
                    file.size() / 1048576.0,
                    (writtenNs - indexedNs) / 1_000_000,
                    (readNs - writtenNs) / 1_000_000,
                    (lookedUpNs - readNs) / PODS);
        }
    }

    private static int lookUp(Resolution resolution) {
        int found = 0;
        for (int i = 0; i < PODS; i++) {
            found += resolution.holder(InetAddress.ofLiteral(address(i)), 150_000_000_000L).isPresent() ? 1 : 0;
        }
        return found;
    }

    private static String address(int pod) {
        return "10." + pod / 40_000 + "." + pod / 200 % 200 + "." + pod % 200;
    }

    private static List<KubernetesChange> changes() {
        List<KubernetesChange> changes = new ArrayList<>();
        for (int i = 0; i < PODS; i++) {
            String name = "checkout-7f8b9c-" + i;
            Map<String, String> labels =
                    Map.of("app.kubernetes.io/name", "checkout", "pod-template-hash", "7f8b9c", "tier", "t" + i % 7);
            changes.add(
                    KubernetesChanges.whole(
                            KubernetesChange.Kind.ADDED,
                            "Pod",
                            name,
                            101,
                            KubernetesChanges.pod(name, "", 100, labels)));
            changes.add(KubernetesChanges.patched("Pod", name, 102, Map.of("status", Map.of("podIP", address(i)))));
            for (int change = 0; change < 4; change++) {
                changes.add(
                        KubernetesChanges.patched(
                                "Pod",
                                name,
                                103 + change,
                                Map.of("metadata", Map.of("labels", Map.of("revision", String.valueOf(change / 2))))));
            }
        }
        return changes;
    }

    private static List<OsEvent> events() {
        List<OsEvent> events = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            OsEvent.ProcessInfo process = OsEvents.process(1_000 + i % 30_000, 1, "curl");
            OsEvent.SocketInfo socket =
                    OsEvents.socket("10.0.0.1:" + (1_024 + i % 60_000), "10.0.1." + i % 250 + ":80", "ESTABLISHED");
            events.add(OsEvents.program(OsEvent.Kind.EXEC, 100 + i / 1_000, process, "curl", "http://ledger/"));
            events.add(OsEvents.event(OsEvent.Kind.CONNECT, 100 + i / 1_000, process, socket));
            events.add(OsEvents.event(OsEvent.Kind.CLOSE, 101 + i / 1_000, process, socket));
            events.add(OsEvents.event(OsEvent.Kind.EXIT, 101 + i / 1_000, process));
        }
        return events;
    }

    /** Of this thread: a busy machine says nothing about the code by the clock. */
    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long usedBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
