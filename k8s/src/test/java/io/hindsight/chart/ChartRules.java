package io.hindsight.chart;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What holds of everything that the chart renders, whatever the values. */
final class ChartRules {
    /** What an agent may have at most. */
    private static final Set<String> CAPABILITIES =
            Set.of(
                    "NET_RAW",
                    "NET_ADMIN",
                    "SYS_RESOURCE",
                    "BPF",
                    "PERFMON",
                    "SYS_ADMIN",
                    "SYS_PTRACE",
                    "DAC_READ_SEARCH");

    private static final String AGENT = "agent";
    private static final String HUB = "hub";

    private final RenderedChart chart;
    private final Set<String> secretsOfUsers;

    /** @param secretsOfUsers secrets and ConfigMaps that the values name, and that the chart does not make */
    ChartRules(RenderedChart chart, Set<String> secretsOfUsers) {
        this.chart = chart;
        this.secretsOfUsers = secretsOfUsers;
    }

    void check() {
        names();
        chart.workloads().forEach(this::workload);
        chart.all(Service.class).forEach(this::service);
        chart.all(Ingress.class).forEach(this::ingress);
        selectors();
        rbac();
    }

    private void names() {
        Set<String> seen = new HashSet<>();
        for (HasMetadata object : chart.objects()) {
            String name = object.getKind() + "/" + object.getMetadata().getName();
            assertThat(seen.add(name)).as("only one %s", name).isTrue();
            assertThat(object.getMetadata().getName().length()).as("length of %s", name).isLessThanOrEqualTo(63);
            boolean ofCluster = object instanceof ClusterRole || object instanceof ClusterRoleBinding;
            assertThat(object.getMetadata().getNamespace())
                    .as("namespace of %s", name)
                    .isEqualTo(ofCluster ? null : HelmChart.NAMESPACE);
            assertThat(object.getMetadata().getLabels())
                    .as("labels of %s", name)
                    .containsEntry("app.kubernetes.io/part-of", "hindsight");
        }
    }

    private void workload(Workload workload) {
        Container container = workload.container();
        String name = workload.name();
        assertThat(workload.template().getMetadata().getLabels())
                .as("labels of the pods of %s", name)
                .containsAllEntriesOf(workload.selector().getMatchLabels());
        assertThat(container.getImage()).as("image of %s", name).doesNotEndWith(":latest").matches(".+(:|@sha256:).+");
        assertThat(container.getResources().getLimits()).as("limits of %s", name).containsKey("memory");
        assertThat(container.getResources().getRequests()).as("requests of %s", name).containsKeys("memory", "cpu");
        assertThat(workload.pod().getEnableServiceLinks()).as("service links of %s", name).isFalse();
        security(workload);
        probes(workload);
        volumes(workload);
        account(workload);
    }

    private static void security(Workload workload) {
        SecurityContext context = workload.container().getSecurityContext();
        String name = workload.name();
        assertThat(context.getReadOnlyRootFilesystem()).as("read-only root of %s", name).isTrue();
        assertThat(context.getAllowPrivilegeEscalation()).as("escalation of %s", name).isFalse();
        assertThat(context.getPrivileged()).as("privileged %s", name).isNotEqualTo(true);
        assertThat(workload.pod().getSecurityContext().getSeccompProfile().getType())
                .as("seccomp of %s", name)
                .isEqualTo("RuntimeDefault");
        Capabilities capabilities = context.getCapabilities();
        assertThat(capabilities.getDrop()).as("dropped by %s", name).containsExactly("ALL");
        if (workload.component().equals(AGENT)) {
            assertThat(capabilities.getAdd()).doesNotHaveDuplicates().isSubsetOf(CAPABILITIES);
            return;
        }
        assertThat(capabilities.getAdd()).as("added to %s", name).isEmpty();
        assertThat(workload.pod().getSecurityContext().getRunAsNonRoot()).as("non-root %s", name).isTrue();
        assertThat(workload.pod().getHostNetwork()).as("host's network of %s", name).isNull();
        assertThat(workload.pod().getHostPID()).as("host's processes of %s", name).isNull();
        assertThat(workload.pod().getVolumes()).as("volumes of %s", name).allMatch(v -> v.getHostPath() == null);
    }

    /** Those that listen are asked; agents and recorder listen on nothing: the templates say why they have none. */
    private static void probes(Workload workload) {
        Container container = workload.container();
        List<Probe> probes =
                Stream.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                        .filter(Objects::nonNull)
                        .toList();
        if (!workload.component().equals(HUB)) {
            assertThat(container.getPorts()).as("ports of %s", workload.name()).isEmpty();
            assertThat(probes).as("probes of %s", workload.name()).isEmpty();
            return;
        }
        assertThat(probes).hasSize(3);
        Set<String> ports = container.getPorts().stream().map(ContainerPort::getName).collect(Collectors.toSet());
        for (Probe probe : probes) {
            assertThat(ports).contains(probe.getHttpGet().getPort().getStrVal());
            assertThat(probe.getHttpGet().getPath()).startsWith("/health/");
        }
    }

    private void volumes(Workload workload) {
        Set<String> volumes = workload.pod().getVolumes().stream().map(Volume::getName).collect(Collectors.toSet());
        workload.claims().forEach(claim -> volumes.add(claim.getMetadata().getName()));
        Set<String> mounted =
                workload.container().getVolumeMounts().stream().map(VolumeMount::getName).collect(Collectors.toSet());
        assertThat(mounted).as("mounts of %s", workload.name()).isEqualTo(volumes);
        assertThat(workload.container().getVolumeMounts().stream().map(VolumeMount::getMountPath))
                .as("places of %s", workload.name())
                .doesNotHaveDuplicates();
        workload.pod().getVolumes().forEach(volume -> source(workload, volume));
    }

    private void source(Workload workload, Volume volume) {
        if (volume.getConfigMap() != null) {
            exists(ConfigMap.class, volume.getConfigMap().getName());
        }
        if (volume.getPersistentVolumeClaim() != null) {
            exists(PersistentVolumeClaim.class, volume.getPersistentVolumeClaim().getClaimName());
        }
        if (volume.getSecret() != null) {
            exists(Secret.class, volume.getSecret().getSecretName());
            boolean key = volume.getSecret().getItems().stream().anyMatch(item -> item.getKey().equals("tls.key"));
            assertThat(key).as("the key at %s", workload.name()).isEqualTo(isTlsOfHub(workload, volume));
            assertThat(volume.getSecret().getItems()).as("chosen keys of %s", volume.getName()).isNotEmpty();
        }
    }

    private static boolean isTlsOfHub(Workload workload, Volume volume) {
        return workload.component().equals(HUB) && volume.getName().equals("tls");
    }

    private <T extends HasMetadata> void exists(Class<T> type, String name) {
        boolean made = chart.find(type, name).isPresent() || isOfCertManager(name);
        assertThat(made || secretsOfUsers.contains(name)).as("%s %s is there", type.getSimpleName(), name).isTrue();
    }

    private boolean isOfCertManager(String secret) {
        return chart.foreign("Certificate").stream()
                .map(certificate -> YamlTree.map(certificate, "spec"))
                .anyMatch(spec -> secret.equals(spec.get("secretName")));
    }

    /** A token is there if a rule uses it, and only then. */
    private void account(Workload workload) {
        String account = workload.pod().getServiceAccountName();
        ServiceAccount object = chart.get(ServiceAccount.class, account);
        assertThat(object.getAutomountServiceAccountToken()).as("token of %s by default", account).isFalse();
        if (chart.all(ClusterRole.class).findAny().isPresent()) {
            assertThat(workload.pod().getAutomountServiceAccountToken())
                    .as("a token of %s is mounted", workload.name())
                    .isEqualTo(isBound(account));
        }
        workload.pod().getVolumes().stream()
                .filter(volume -> volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .forEach(source -> assertThat(source.getServiceAccountToken().getAudience()).isEqualTo("hindsight"));
    }

    private boolean isBound(String account) {
        return bindings()
                .anyMatch(
                        binding -> binding.subjects().stream().anyMatch(subject -> subject.getName().equals(account)));
    }

    private record Binding(RoleRef role, List<Subject> subjects) {}

    private Stream<Binding> bindings() {
        return Stream.concat(
                chart.all(RoleBinding.class).map(b -> new Binding(b.getRoleRef(), b.getSubjects())),
                chart.all(ClusterRoleBinding.class).map(b -> new Binding(b.getRoleRef(), b.getSubjects())));
    }

    private void service(Service service) {
        List<Workload> behind =
                chart.workloads().stream().filter(w -> selects(service.getSpec().getSelector(), w)).toList();
        assertThat(behind).as("workloads behind %s", service.getMetadata().getName()).hasSize(1);
        Set<String> ports =
                behind.getFirst().container().getPorts().stream()
                        .map(ContainerPort::getName)
                        .collect(Collectors.toSet());
        for (ServicePort port : service.getSpec().getPorts()) {
            assertThat(ports).contains(port.getTargetPort().getStrVal());
        }
    }

    private static boolean selects(Map<String, String> selector, Workload workload) {
        return workload.template().getMetadata().getLabels().entrySet().containsAll(selector.entrySet());
    }

    private void ingress(Ingress ingress) {
        ingress.getSpec().getRules().stream()
                .flatMap(rule -> rule.getHttp().getPaths().stream())
                .map(path -> path.getBackend().getService())
                .forEach(backend -> {
                    Service service = chart.get(Service.class, backend.getName());
                    assertThat(service.getSpec().getPorts())
                            .anyMatch(port -> port.getPort().equals(backend.getPort().getNumber()));
                });
    }

    private void selectors() {
        Stream.concat(
                        chart.all(NetworkPolicy.class).map(policy -> policy.getSpec().getPodSelector()),
                        chart.all(PodDisruptionBudget.class).map(budget -> budget.getSpec().getSelector()))
                .forEach(selector ->
                        assertThat(chart.workloads())
                                .filteredOn(workload -> selects(selector.getMatchLabels(), workload))
                                .hasSize(1));
    }

    private void rbac() {
        bindings().forEach(this::binding);
        Stream.concat(
                        chart.all(Role.class).flatMap(role -> role.getRules().stream()),
                        chart.all(ClusterRole.class).flatMap(role -> role.getRules().stream()))
                .forEach(ChartRules::rule);
    }

    private void binding(Binding binding) {
        String name = binding.role().getName();
        HasMetadata role =
                binding.role().getKind().equals("ClusterRole")
                        ? chart.get(ClusterRole.class, name)
                        : chart.get(Role.class, name);
        assertThat(role).isNotNull();
        binding.subjects()
                .forEach(subject -> {
                    assertThat(subject.getNamespace()).isEqualTo(HelmChart.NAMESPACE);
                    chart.get(ServiceAccount.class, subject.getName());
                });
    }

    /** No wildcard, and nothing that reads secrets, changes objects, or leads to more rights. */
    private static void rule(PolicyRule rule) {
        assertThat(rule.getVerbs()).isNotEmpty().doesNotContain("*", "escalate", "bind", "impersonate");
        assertThat(rule.getApiGroups()).isNotEmpty().doesNotContain("*");
        assertThat(rule.getResources())
                .isNotEmpty()
                .allMatch(resource -> !resource.contains("*"))
                .doesNotContain("secrets", "configmaps", "pods/exec", "pods/log", "nodes/proxy");
        if (!rule.getApiGroups().equals(List.of("hindsight.io")) && !rule.getVerbs().equals(List.of("create"))) {
            assertThat(rule.getVerbs()).isSubsetOf("get", "list", "watch");
        }
    }

    /** Variables of a container that have their value in the template. */
    static Map<String, String> environment(Container container) {
        return container.getEnv().stream()
                .collect(
                        Collectors.toMap(
                                EnvVar::getName,
                                variable ->
                                        variable.getValueFrom() == null
                                                ? variable.getValue()
                                                : "from-" + variable.getValueFrom().getFieldRef().getFieldPath()));
    }
}
