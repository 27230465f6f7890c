package io.hindsight.hub.http;

import static io.hindsight.hub.http.TestApi.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.hub.export.ExportFormat;
import io.hindsight.hub.export.ExportRequest;
import io.hindsight.hub.export.Exporter;
import io.hindsight.hub.export.MeaningFilter;
import io.hindsight.hub.export.ShopStory;
import io.hindsight.hub.export.SnapshotFiles;
import io.hindsight.hub.resolve.SnapshotResolution;
import io.hindsight.hub.store.SealedSnapshot;
import io.hindsight.hub.testing.TestHub;
import io.hindsight.testing.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names in exports of the real Hub: of what it resolved when it sealed, and of the same folder read without a Hub. */
final class NamedExportApiTest {
    @TempDir private Path folder = Path.of("");

    private TestHub hub;
    private TestApi api;
    private String path = "";
    private Path snapshot = Path.of("");

    @BeforeEach
    void start() {
        hub = new TestHub(folder);
        api = new TestApi(hub.vertx(), TestHub.config(folder, 32, 32L << 20), HttpLimits.DEFAULTS);
        ShopStory story = new ShopStory();
        hub.agent("cluster", story.clusterChunks());
        hub.agent("node-1", story.nodeChunks());
        String id = hub.ended(hub.create(TestHub.everything("shop")).id()).id();
        path = "/api/v1/snapshots/" + id;
        snapshot = folder.resolve(id);
    }

    @AfterEach
    void stop() {
        api.close();
        hub.close();
    }

    private byte[] body(String query) {
        HttpResponse<byte[]> answer = api.get(path + query);
        assertThat(answer.statusCode()).as(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(200);
        return answer.body();
    }

    private byte[] offline(ExportRequest request) {
        SealedSnapshot sealed = SealedSnapshot.open(snapshot);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Exporter.exportTo(
                Exporter.plan(SnapshotFiles.of(sealed), request, () -> SnapshotResolution.read(sealed)),
                Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    @Test
    void shouldSayNamesOverHttpAndWithoutAHub(@TempDir Path other) throws IOException {
        byte[] exported = body("/pcap");
        Path file = Files.write(other.resolve("out.pcapng"), exported);

        assertThat(
                        Tools.run("tshark", "-r", file.toString(), "-T", "fields", "-e", "frame.comment")
                                .succeeded()
                                .lines())
                .contains(
                        "shop/checkout-7f8b/app pid 4711 nginx → payments/ledger:8080",
                        "shop/newcomer → 93.184.216.34:443");
        assertThat(Tools.run("tshark", "-N", "n", "-r", file.toString()).succeeded().stdout())
                .contains("newcomer.shop → ledger.payments.svc");
        assertThat(offline(ExportRequest.everything(ExportFormat.PCAPNG))).isEqualTo(exported);
    }

    @Test
    void shouldFilterByNamesOverHttpAndWithoutAHub() {
        byte[] ofTwo = body("/pcap?pod=checkout-7f8b&pod=shop%2Fidle&process=nginx&format=pcap&bpf=tcp");
        ExportRequest same = ExportRequest.of(ExportFormat.PCAP, List.of(), null, null, "tcp", false);
        MeaningFilter filter =
                new MeaningFilter(List.of(), List.of("checkout-7f8b", "idle"), List.of(), List.of(), List.of("nginx"));
        assertThat(ofTwo).isEqualTo(offline(same.about(filter))).isNotEqualTo(offline(same));

        assertThat(body("/pcap?service=ledger&label=app%3Dledger&namespace=payments&nodes=node-1")).isNotEmpty();
        assertThat(lines("/records?process=curl")).isEqualTo(3);
        assertThat(lines("/records?pod=newcomer")).isEqualTo(1);
        assertThat(lines("/records?without=os")).isEqualTo(3);
        assertThat(lines("/records")).isEqualTo(9);
        assertThat(lines("/records?with=checkpoints")).isEqualTo(21);
    }

    private long lines(String query) {
        return new String(body(query), StandardCharsets.UTF_8).lines().count();
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertProblem(api.get(path + "/pcap?pod=chekout"), 400, "INVALID_REQUEST", "pod");
        assertProblem(api.get(path + "/pcap?process=wget"), 400, "INVALID_REQUEST", "process");
        assertProblem(api.get(path + "/pcap?namespace="), 400, "INVALID_REQUEST", "namespace");
        assertProblem(api.get(path + "/pcap?with=names&format=pcap"), 400, "INVALID_REQUEST", "with");
        assertProblem(api.get(path + "/pcap?with=everything"), 400, "INVALID_REQUEST", "with");
        assertProblem(api.get(path + "/pcap?with=os&without=os"), 400, "INVALID_REQUEST", "with");
        assertProblem(api.get(path + "/records?with=flows"), 400, "INVALID_REQUEST", "with");
    }
}
