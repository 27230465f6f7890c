package io.hindsight.launcher.demo;

import io.hindsight.api.Snapshot;
import io.hindsight.api.VerifyReport;
import io.hindsight.config.ConfigLoader;
import io.hindsight.config.Configuration;
import io.hindsight.config.Setting;
import io.hindsight.config.Setting.Role;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.client.ExportTarget;
import io.hindsight.launcher.client.HubClient;
import io.hindsight.launcher.client.ProgressView;
import io.hindsight.launcher.client.SnapshotWatch;
import io.hindsight.launcher.server.Recorder;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The demo's parts, one after the other: record, make traffic, freeze, verify, export, read back. Runs once. */
final class DemoStory {
    private static final String FILE_NAME = "demo.pcapng";

    /** The first four bytes of what TCP carries, as a number: offset from the header length in 32-bit words. */
    private static final String FIRST_BYTES = "tcp[((tcp[12:1] & 0xf0) >> 2):4] = ";

    private static final String GET = "0x47455420";
    private static final String HTTP = "0x48545450";

    private final Path folder;
    private final Path output;
    private final Duration length;
    private final BiConsumer<String, String> teller;
    private final ProgressView progress;
    private final Stopwatch stopwatch = new Stopwatch();

    /** {@code teller} takes what was done and its figures. */
    DemoStory(Path folder, Path output, Duration length, ProgressView progress, BiConsumer<String, String> teller) {
        this.folder = folder;
        this.output = output;
        this.length = length;
        this.progress = progress;
        this.teller = teller;
    }

    DemoReport run() throws IOException, InterruptedException {
        try (Recorder recorder = stopwatch.measure("start", () -> Recorder.start(configuration()));
                DemoTraffic traffic = DemoTraffic.start()) {
            tell("recording", "every packet of this machine, at " + recorder.address());
            return report(new HubClient(recorder.address(), null), traffic);
        }
    }

    private DemoReport report(HubClient hub, DemoTraffic traffic) throws IOException, InterruptedException {
        Instant from = Instant.now();
        makeTraffic(traffic);
        Snapshot snapshot = freeze(hub, from, Instant.now());
        VerifyReport verification = verify(hub, snapshot);
        Path file = export(hub, snapshot);
        long packets = new CaptureFile(file).count("");
        DemoReport.Found found = stopwatch.measure("check", () -> find(new CaptureFile(file), traffic));
        tell(
                "read back",
                found.httpRequests()
                        + " HTTP requests, "
                        + found.httpAnswers()
                        + " answers, "
                        + found.dnsQuestions()
                        + " DNS questions, "
                        + found.dnsAnswers()
                        + " answers among "
                        + Human.count(packets)
                        + " packets");
        hub.delete("/snapshots/" + snapshot.id());
        DemoReport.Sent sent = new DemoReport.Sent(traffic.httpRequests(), traffic.dnsQuestions());
        return DemoReport.of(
                sent,
                found,
                snapshot,
                verification,
                file.toString(),
                Files.size(file),
                packets,
                stopwatch.durationsMs());
    }

    private Configuration configuration() {
        return ConfigLoader.load(
                new ConfigLoader.Inputs(
                        Role.BOTH,
                        null,
                        Map.of(),
                        Map.of(
                                Setting.DATA, List.of(folder.toString()),
                                Setting.PORT, List.of("0"),
                                Setting.STORAGE_SIZE, List.of("256Mi"))));
    }

    private void makeTraffic(DemoTraffic traffic) throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        traffic.run(length);
        stopwatch.add("traffic", startNs);
        tell(
                "traffic",
                traffic.httpRequests()
                        + " HTTP requests and "
                        + traffic.dnsQuestions()
                        + " DNS questions, each answered");
    }

    private Snapshot freeze(HubClient hub, Instant from, Instant to) {
        JsonObject request = new JsonObject().put("name", "demo").put("from", from.toString()).put("to", to.toString());
        JsonObject sealed =
                stopwatch.measure(
                        "freeze",
                        () -> new SnapshotWatch(hub, progress).await(hub.post("/snapshots", request).getString("id")));
        Snapshot snapshot = JsonMapping.fromJson(sealed, Snapshot.class);
        tell(
                "frozen",
                snapshot.state()
                        + ": "
                        + Human.count(snapshot.packets())
                        + " packets, "
                        + Human.bytes(snapshot.bytes())
                        + (snapshot.error() == null ? "" : ": " + snapshot.error().detail()));
        return snapshot;
    }

    private VerifyReport verify(HubClient hub, Snapshot snapshot) {
        JsonObject json = stopwatch.measure("verify", () -> hub.postAndWait("/snapshots/" + snapshot.id() + "/verify"));
        VerifyReport verification = JsonMapping.fromJson(json, VerifyReport.class);
        tell(
                "verified",
                (verification.intact() ? "intact" : "VIOLATED")
                        + ", every checksum of "
                        + Human.count(verification.chunks())
                        + " chunks computed anew");
        return verification;
    }

    private Path export(HubClient hub, Snapshot snapshot) throws IOException {
        Path file = output.resolve(FILE_NAME);
        stopwatch.measure("export", () -> download(hub, snapshot, file));
        tell("exported", file + ", " + Human.bytes(Files.size(file)));
        return file;
    }

    private static long download(HubClient hub, Snapshot snapshot, Path file) throws IOException {
        HubClient.Download download = hub.open("/snapshots/" + snapshot.id() + "/pcap", "application/x-pcapng", 0);
        try (InputStream body = download.body();
                ExportTarget target = ExportTarget.replacing(file)) {
            long bytes = body.transferTo(target.stream());
            target.finish();
            return bytes;
        }
    }

    private static DemoReport.Found find(CaptureFile file, DemoTraffic traffic) throws IOException {
        String to = "dst host " + DemoTraffic.ADDRESS;
        String from = "src host " + DemoTraffic.ADDRESS;
        int web = traffic.httpPort();
        int dns = traffic.dnsPort();
        return new DemoReport.Found(
                file.count(to + " and tcp dst port " + web + " and " + FIRST_BYTES + GET),
                file.count(from + " and tcp src port " + web + " and " + FIRST_BYTES + HTTP),
                file.count(to + " and udp dst port " + dns),
                file.count(from + " and udp src port " + dns));
    }

    private void tell(String what, String figures) {
        teller.accept(what, figures + " (" + Human.duration(stopwatch.last()) + ")");
    }
}
