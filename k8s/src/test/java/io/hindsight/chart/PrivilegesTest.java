package io.hindsight.chart;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** What the chart lets its pods do, in two files that a reviewer reads: a change of privileges is a change of these. */
class PrivilegesTest {
    private static final String EXISTING = "tls: {mode: existing, secretName: of-user}\n";
    private static final Set<String> RBAC = Set.of("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding");
    private static final Set<String> POD_KEYS =
            Set.of("hostNetwork", "hostPID", "hostIPC", "automountServiceAccountToken", "securityContext");

    @Test
    void shouldBindNoMoreThanTheGoldenRules() throws IOException {
        Map<String, Object> rules = new LinkedHashMap<>();
        for (Map<String, Object> object : HelmChart.render(EXISTING).raw()) {
            if (RBAC.contains(String.valueOf(object.get("kind")))) {
                Map<String, Object> kept = new LinkedHashMap<>(object);
                kept.keySet().retainAll(Set.of("rules", "roleRef", "subjects"));
                rules.put(YamlTree.title(object), kept);
            }
        }
        GoldenFile.ofTest("rbac.yaml").assertIs(yaml(rules));
    }

    @Test
    void shouldRunWithNoMoreThanTheGoldenPrivileges() throws IOException {
        Map<String, Object> privileges = new LinkedHashMap<>();
        privileges.put("default", workloads(EXISTING));
        privileges.put("agent.legacyKernel=true", agent("legacyKernel: true"));
        privileges.put("agent.inventory=true", agent("inventory: true"));
        privileges.put("agent.osEvents=off", agent("osEvents: 'off'"));
        GoldenFile.ofTest("privileges.yaml").assertIs(yaml(privileges));
    }

    private static Map<String, Object> agent(String values) {
        Map<String, Object> all = workloads(EXISTING + "agent: {" + values + "}");
        all.keySet().retainAll(Set.of("DaemonSet hindsight-agent"));
        return all;
    }

    private static Map<String, Object> workloads(String values) {
        Map<String, Object> workloads = new LinkedHashMap<>();
        for (Map<String, Object> object : HelmChart.render(values).raw()) {
            Map<String, Object> spec = YamlTree.map(object.getOrDefault("spec", Map.of()));
            if (spec.containsKey("template")) {
                workloads.put(YamlTree.title(object), pod(YamlTree.map(spec, "template")));
            }
        }
        return workloads;
    }

    private static Map<String, Object> pod(Map<String, Object> template) {
        Map<String, Object> spec = YamlTree.map(template, "spec");
        Map<String, Object> kept = new LinkedHashMap<>(spec);
        kept.keySet().retainAll(POD_KEYS);
        Map<String, Object> container = YamlTree.map(YamlTree.list(spec, "containers").getFirst());
        kept.put("container", YamlTree.map(container, "securityContext"));
        List<Object> ofHost = new ArrayList<>();
        for (Object volume : YamlTree.list(spec, "volumes")) {
            if (YamlTree.map(volume).containsKey("hostPath")) {
                ofHost.add(YamlTree.map(YamlTree.map(volume), "hostPath"));
            }
        }
        kept.put("hostPaths", ofHost);
        return kept;
    }

    private static String yaml(Object value) {
        DumpSettings settings =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setDereferenceAliases(true).build();
        return new Dump(settings).dumpToString(value);
    }
}
