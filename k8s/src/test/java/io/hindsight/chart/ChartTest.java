package io.hindsight.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.hindsight.chart.ChartMatrix.Variation;
import io.hindsight.config.AccessConfig.KubernetesTokens;
import io.hindsight.config.ClusterConfig;
import io.hindsight.config.Configuration;
import io.hindsight.config.HubConfig;
import io.hindsight.config.LinkConfig;
import io.hindsight.hub.access.Permission;
import io.hindsight.hub.access.Role;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart, rendered by Helm: its objects are Kubernetes' own, keep the rules, and give the program settings that it takes. */
class ChartTest {
    private static final String EXISTING = "tls: {mode: existing, secretName: of-user}\n";

    static Stream<Variation> variations() {
        return ChartMatrix.variations().stream();
    }

    @Test
    void shouldPassLintStrictly() {
        LintResult result = HelmChart.lint();
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
        assertThat(result.getMessages()).noneMatch(message -> message.startsWith("[WARNING]"));
    }

    @ParameterizedTest
    @MethodSource("variations")
    void shouldRenderValidObjectsAndSettings(Variation variation) {
        RenderedChart chart = HelmChart.render(variation.values());
        new ChartRules(chart, variation.ofUser()).check();
        for (Workload workload : chart.workloads()) {
            Configuration settings = LoadedSettings.of(chart, workload);
            settings.hub().ifPresent(ChartTest::mayListen);
            settings.link().ifPresent(link -> reachesTheHub(chart, link));
        }
    }

    /** What the program asks of a Hub that others reach. */
    private static void mayListen(HubConfig hub) {
        assertThat(hub.tokenFile() != null || hub.access().isAny()).as("the Hub asks for a token").isTrue();
        assertThat(hub.tls().hasCertificate()).as("TLS, or insecure").isNotEqualTo(hub.insecure());
        assertThat(hub.port()).isEqualTo(8899);
    }

    private static void reachesTheHub(RenderedChart chart, LinkConfig link) {
        HubConfig hub = LoadedSettings.of(chart, chart.workload("hub")).hubConfig();
        assertThat(link.isTls()).isEqualTo(hub.tls().hasCertificate());
        assertThat(link.port()).isEqualTo(hub.port());
        assertThat(link.tokenFile()).isNotNull();
        assertThat(link.tls().authority() != null).isEqualTo(link.isTls());
        String service = chart.workload("hub").name();
        assertThat(link.hub().toString())
                .containsAnyOf("://" + service + ".recorders.svc:8899", "://recorders/" + service + ":8899");
    }

    @Test
    void shouldRunOneRecorderThatJoinsByItsName() {
        RenderedChart chart = HelmChart.render(EXISTING);
        Configuration recorder = LoadedSettings.of(chart, chart.workload("recorder"));
        assertThat(recorder.agentConfig().node().name()).isEqualTo(ClusterConfig.RECORDER_NODE);
        assertThat(recorder.agentConfig().events().clusterRecorder()).isTrue();
        assertThat(LoadedSettings.of(chart, chart.workload("agent")).agentConfig().node().name()).isEqualTo("worker-1");
    }

    @Test
    void shouldTellTheHubWhichAccountsJoin() {
        RenderedChart chart = HelmChart.render(EXISTING);
        HubConfig hub = LoadedSettings.of(chart, chart.workload("hub")).hubConfig();
        KubernetesTokens tokens = Objects.requireNonNull(hub.access().kubernetes());
        assertThat(tokens.agentAccounts())
                .containsExactly("recorders/" + chart.workload("agent").pod().getServiceAccountName());
        assertThat(tokens.recorderAccounts())
                .containsExactly("recorders/" + chart.workload("recorder").pod().getServiceAccountName());
        assertThat(hub.cluster().agentDaemonSet()).isEqualTo("recorders/" + chart.workload("agent").name());
    }

    @Test
    void shouldGiveWhatTapSaysToTheHubAsItIs() {
        String regex = "^(web|api)-.*, \"x\" #{{ 1 }}: \\d";
        RenderedChart chart =
                HelmChart.render(
                        EXISTING
                                + "tap: {regex: '"
                                + regex
                                + "', namespaces: [shop, payments], excludedNamespaces: [kube-system]}");
        ClusterConfig cluster = LoadedSettings.of(chart, chart.workload("hub")).hubConfig().cluster();
        assertThat(cluster.capture().regex()).isEqualTo(regex);
        assertThat(cluster.capture().namespaces()).containsExactlyInAnyOrder("shop", "payments");
        assertThat(cluster.capture().excludedNamespaces()).containsExactly("kube-system");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                                            | 20Gi | ''   | 19327352832",
                "'storageSize: 10G'                                            | 10G  | ''   | 9000000000",
                "'local: {storageSize: 30Gi, storageClass: slow}'              | 30Gi | slow | 28991029248",
                "'storageClass: slow, storageSize: 3Ti, local: {storageSize: 3Ti}' | 3Ti | slow | 2968681394995",
            })
    void shouldTakeTheVolumeBySizeOrAlias(String snapshots, String size, String storageClass, long quota) {
        RenderedChart chart = HelmChart.render(EXISTING + "tap: {snapshots: {" + snapshots + "}}");
        PersistentVolumeClaimSpec claim = chart.workload("hub").claims().getFirst().getSpec();
        assertThat(claim.getResources().getRequests()).containsEntry("storage", new Quantity(size));
        assertThat(claim.getStorageClassName()).isEqualTo(storageClass.isEmpty() ? null : storageClass);
        HubConfig hub = LoadedSettings.of(chart, chart.workload("hub")).hubConfig();
        assertThat(hub.volume().quota().bytes()).isEqualTo(quota);
    }

    /** Messages of the schema name the value, those of the templates the way out. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tapp: {}                                                                      | tapp",
                "tap: {regexp: x}                                                              | regexp",
                "tap: {namespaces: shop}                                                       | /tap/namespaces",
                "tap: {namespaces: [Shop]}                                                     | /tap/namespaces/0",
                "tap: {capture: {raw: {storageSize: 1.5Gi}}}                                   | /tap/capture/raw/storageSize",
                "tap: {capture: {raw: {enabled: 'yes'}}}                                       | /tap/capture/raw/enabled",
                "tap: {snapshots: {storageSize: -1}}                                           | /tap/snapshots/storageSize",
                "image: {tag: latest}                                                          | /image/tag",
                "image: {digest: abc}                                                          | /image/digest",
                "hub: {port: 70000}                                                            | /hub/port",
                "hub: {port: 443}                                                              | /hub/port",
                "hub: {replicas: 2}                                                            | replicas",
                "hub: {quota: much}                                                            | /hub/quota",
                "hub: {settings: {Port: 1}}                                                    | Port",
                "hub: {settings: {a: {b: c}}}                                                  | /hub/settings/a",
                "agent: {osEvents: some}                                                       | /agent/osEvents",
                "agent: {privileged: true}                                                     | privileged",
                "agent: {hostPath: ring}                                                       | /agent/hostPath",
                "tls: {mode: none}                                                             | /tls/mode",
                "auth: {oidc: {issuer: 'http://id.example'}}                                   | /auth/oidc/issuer",
                "tls: {mode: existing}                                                         | tls.secretName",
                "tls: {mode: certManager}                                                      | tls.certManager.issuer",
                "auth: {kubernetes: {enabled: false}}                                          | auth.tokenSecret",
                "serviceMonitor: {enabled: true}                                               | serviceMonitor.tokenSecret",
                "ingress: {enabled: true}                                                      | ingress.host",
                "tap: {bpfOverride: icmp, regex: x}                                            | tap.bpfOverride",
                "tap: {snapshots: {storageSize: 1Gi, local: {storageSize: 2Gi}}}               | tap.snapshots.storageSize=1Gi and its alias tap.snapshots.local.storageSize=2Gi differ",
                "tap: {snapshots: {storageClass: a, local: {storageClass: b}}}                 | tap.snapshots.storageClass=a and its alias",
            })
    void shouldRefuseWrongValuesByName(String values, String named) {
        assertThatThrownBy(() -> HelmChart.render(values)).hasMessageContaining(named);
    }

    @Test
    void shouldLeaveOutAgentsWherePacketsAreNotRecorded() {
        RenderedChart chart = HelmChart.render(EXISTING + "tap: {capture: {raw: {enabled: false}}}");
        assertThat(chart.all(DaemonSet.class)).isEmpty();
        assertThat(LoadedSettings.of(chart, chart.workload("hub")).hubConfig().cluster().agentDaemonSet()).isNull();
        assertThat(chart.all(StatefulSet.class)).hasSize(1);
    }

    @Test
    void shouldGiveRolesTheVerbsThatTheHubKnows() {
        RenderedChart chart = HelmChart.render(EXISTING);
        for (Role role : Role.values()) {
            String name = "hindsight-" + role.name().toLowerCase(Locale.ROOT);
            List<PolicyRule> rules = chart.get(ClusterRole.class, name).getRules();
            assertThat(rules).hasSize(1);
            assertThat(rules.getFirst().getApiGroups()).containsExactly(Permission.GROUP);
            assertThat(rules.getFirst().getResources()).containsExactly(Permission.RESOURCE);
            assertThat(rules.getFirst().getVerbs())
                    .containsExactlyInAnyOrderElementsOf(role.permissions().stream().map(Permission::verb).toList());
        }
    }

    @Test
    void shouldLetNobodyReachTheRecorder() {
        RenderedChart chart = HelmChart.render(EXISTING);
        NetworkPolicy recorder = chart.get(NetworkPolicy.class, "hindsight-recorder");
        assertThat(recorder.getSpec().getPolicyTypes()).contains("Ingress", "Egress");
        assertThat(recorder.getSpec().getIngress()).isEmpty();
        NetworkPolicy hub = chart.get(NetworkPolicy.class, "hindsight-hub");
        assertThat(hub.getSpec().getIngress()).hasSize(1);
        assertThat(hub.getSpec().getIngress().getFirst().getPorts().getFirst().getPort().getStrVal()).isEqualTo("hub");
    }

    @Test
    void shouldKeepTheCertificateOverUpgrades() {
        Map<String, String> first = HelmChart.render("").get(Secret.class, "hindsight-tls").getData();
        assertThat(first).containsOnlyKeys("ca.crt", "tls.crt", "tls.key");
        String json =
                "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"hindsight-tls\",\"namespace\":\"recorders\"},\"data\":{%s}}"
                        .formatted(
                                String.join(
                                        ",",
                                        first.entrySet().stream()
                                                .map(e -> "\"" + e.getKey() + "\":\"" + e.getValue() + "\"")
                                                .toList()));
        StubApiServer.running().put(HelmChart.NAMESPACE, "hindsight-tls", json);
        try {
            assertThat(HelmChart.render("").get(Secret.class, "hindsight-tls").getData()).isEqualTo(first);
        } finally {
            StubApiServer.running().remove(HelmChart.NAMESPACE, "hindsight-tls");
        }
        assertThat(HelmChart.render("").get(Secret.class, "hindsight-tls").getData()).isNotEqualTo(first);
    }

    @Test
    void shouldMakeACertificateThatAgentsVerify() throws Exception {
        Map<String, String> data =
                HelmChart.render("tls: {extraNames: [hub.example]}").get(Secret.class, "hindsight-tls").getData();
        X509Certificate certificate = Certificates.parse(Base64.getDecoder().decode(data.get("tls.crt")));
        X509Certificate authority = Certificates.parse(Base64.getDecoder().decode(data.get("ca.crt")));
        certificate.verify(authority.getPublicKey());
        assertThat(authority.getBasicConstraints()).isNotNegative();
        assertThat(Certificates.dnsNames(certificate))
                .containsExactlyInAnyOrder(
                        "hindsight-hub",
                        "hindsight-hub.recorders",
                        "hindsight-hub.recorders.svc",
                        "hindsight-hub.recorders.svc.cluster.local",
                        "localhost",
                        "hub.example");
    }

    @Test
    void shouldNameTheTwoThingsThatOthersKnowHowToMake() {
        RenderedChart chart =
                HelmChart.render(
                        """
                        tls: {mode: certManager, certManager: {issuer: ca}}
                        serviceMonitor: {enabled: true, tokenSecret: metrics}
                        """);
        Map<String, Object> certificate = YamlTree.map(chart.foreign("Certificate").getFirst(), "spec");
        assertThat(certificate.get("secretName")).isEqualTo("hindsight-tls");
        assertThat(String.valueOf(certificate.get("dnsNames"))).contains("hindsight-hub.recorders.svc", "localhost");
        Map<String, Object> monitor = YamlTree.map(chart.foreign("ServiceMonitor").getFirst(), "spec");
        assertThat(monitor).containsOnlyKeys("selector", "endpoints");
        assertThat(monitor.toString()).contains("port=https", "serverName=hindsight-hub.recorders.svc", "name=metrics");
    }

    @Test
    void shouldRollPodsWhenTheirSettingsChange() {
        Workload before = HelmChart.render(EXISTING).workload("hub");
        Workload after = HelmChart.render(EXISTING + "tap: {regex: x}").workload("hub");
        assertThat(after.template().getMetadata().getAnnotations())
                .isNotEqualTo(before.template().getMetadata().getAnnotations());
    }

    @Test
    void shouldTellHowToReachTheHubAndTakeASnapshot() {
        assertThat(HelmChart.notes(EXISTING))
                .contains("port-forward service/hindsight-hub", "create token me --audience hindsight")
                .contains("get secret of-user", "hindsight snapshot create --last 5m")
                .doesNotContain("WARNING");
        assertThat(HelmChart.notes("tls: {mode: insecure}\nauth: {kubernetes: {enabled: false}, tokenSecret: tokens}"))
                .contains("http://localhost:8899", "get secret tokens", "WARNING: tls.mode=insecure");
    }

    @Test
    void shouldCarryTheDashboardWhole() throws Exception {
        RenderedChart chart = HelmChart.render(EXISTING + "dashboard: {enabled: true}");
        ConfigMap dashboard = chart.get(ConfigMap.class, "hindsight-dashboard");
        assertThat(dashboard.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(dashboard.getData().getOrDefault("hindsight.json", "").strip())
                .isEqualTo(Files.readString(HelmChart.FOLDER.resolve("dashboards/hindsight.json")).strip());
    }
}
