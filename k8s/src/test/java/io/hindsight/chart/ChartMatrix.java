package io.hindsight.chart;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Values under which the chart is rendered, one variation of each switch and those that go together. */
final class ChartMatrix {
    /** Most need no certificate of their own, which takes longer than all the rest. */
    private static final String EXISTING = "tls: {mode: existing, secretName: of-user}\n";

    /**
     * A set of values.
     *
     * @param name for reports
     * @param values YAML
     * @param ofUser secrets and ConfigMaps that they name
     */
    record Variation(String name, String values, Set<String> ofUser) {
        @Override
        public String toString() {
            return name;
        }
    }

    private ChartMatrix() {}

    static List<Variation> variations() {
        return List.of(
                new Variation("defaults", "", Set.of()),
                existing("TLS of a secret", ""),
                new Variation("no TLS", "tls: {mode: insecure}", Set.of()),
                new Variation("no TLS, by DNS", "tls: {mode: insecure}\nagent: {discovery: dns}", Set.of()),
                new Variation(
                        "cert-manager",
                        "tls: {mode: certManager, certManager: {issuer: ca, issuerKind: ClusterIssuer}, extraNames: [hub.example]}",
                        Set.of()),
                existing("token file alone", "auth: {kubernetes: {enabled: false}, tokenSecret: tokens}", "tokens"),
                existing("token file too", "auth: {tokenSecret: tokens}", "tokens"),
                existing(
                        "OIDC",
                        """
                        auth:
                          oidc:
                            issuer: https://id.example/realms/a
                            audience: hub
                            caConfigMap: oidc-ca
                            nameClaim: email
                            viewers: ["cn=viewers,ou=groups", "b: [c]"]
                            admins: [sre]
                        """,
                        "oidc-ca"),
                existing("no agents", "tap: {capture: {raw: {enabled: false}}}"),
                existing(
                        "no agents, token file alone",
                        """
                        tap: {capture: {raw: {enabled: false}}}
                        auth: {kubernetes: {enabled: false}, tokenSecret: tokens}
                        """,
                        "tokens"),
                existing("no recorder", "recorder: {enabled: false}"),
                existing("recorder without a volume", "recorder: {persistence: false}"),
                existing(
                        "capture filters",
                        """
                        tap:
                          regex: '^(web|api)-.*, "x" #{{ 1 }}: \\d'
                          namespaces: [shop, payments]
                          excludedNamespaces: [kube-system]
                        """),
                existing("BPF instead", "tap: {bpfOverride: 'tcp port 443 or \"icmp\"'}"),
                existing(
                        "sizes",
                        """
                        tap:
                          capture: {raw: {storageSize: 20Gi}}
                          snapshots: {storageClass: fast, storageSize: 100G, local: {storageClass: fast}}
                        hub: {quota: "50Gi"}
                        """),
                existing("older kernels", "agent: {legacyKernel: true}"),
                existing("with the inventory", "agent: {inventory: true, osEvents: ebpf}"),
                existing("packets alone", "agent: {osEvents: 'off', kubernetesEvents: false, discovery: dns}"),
                existing(
                        "one image by digest, and places",
                        """
                        image:
                          repository: registry.example:5000/team/hindsight
                          digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
                          pullSecrets: [pull]
                        hub: &hub {priorityClassName: high, nodeSelector: {disk: big}, tolerations: [{key: a, operator: Exists}], podAnnotations: {a: b}, podLabels: {c: d},
                          affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: k, operator: Exists}]}]}}}}
                        agent: *hub
                        recorder: *hub
                        """),
                existing(
                        "settings and options of the JVM",
                        """
                        hub: {settings: {node-patience: 120s, max-concurrent-snapshots: 8, own-traffic: true}, javaOptions: -Xlog:gc, host: "::"}
                        agent: {settings: {max-rate: 50Mi, interface: [eth0, 'veth*']}, javaOptions: -Xlog:gc, interfaces: [eth0]}
                        recorder: {settings: {slot-size: 1Mi}, javaOptions: -Xlog:gc}
                        """),
                existing(
                        "everything beside",
                        """
                        ingress: {enabled: true, className: nginx, host: hub.example, tlsSecret: hub-example, annotations: {a: b}}
                        serviceMonitor: {enabled: true, tokenSecret: metrics, labels: {release: prometheus}}
                        dashboard: {enabled: true}
                        networkPolicy: {ingressFrom: [{ipBlock: {cidr: 10.0.0.0/8}}]}
                        hub: {serviceType: LoadBalancer, serviceAnnotations: {a: b}, podDisruptionBudget: {maxUnavailable: 0}}
                        """),
                existing(
                        "nothing beside",
                        """
                        networkPolicy: {enabled: false}
                        hub: {podDisruptionBudget: {enabled: false}}
                        rbac: {create: false}
                        """),
                existing(
                        "other names",
                        "fullnameOverride: a-name-of-more-than-forty-characters-in-all-of-it\nrbac: {aggregateToDefaultRoles: true}"));
    }

    private static Variation existing(String name, String values, String... ofUser) {
        Set<String> all = new HashSet<>(Set.of(ofUser));
        all.add("of-user");
        return new Variation(name, EXISTING + values, Set.copyOf(all));
    }
}
