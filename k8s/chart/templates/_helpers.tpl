{{- define "hindsight.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Short enough for what is put behind it: the names of pods are labels, of at most 63 characters. */}}
{{- define "hindsight.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "hindsight.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes (list $ "hub"). These never change: a selector cannot. */}}
{{- define "hindsight.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "hindsight.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "hindsight.labels" -}}
{{- $root := index . 0 -}}
{{ include "hindsight.selectorLabels" . }}
app.kubernetes.io/part-of: hindsight
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end -}}

{{- define "hindsight.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Takes (list $ "hub"): where a pod comes from, and where it goes. */}}
{{- define "hindsight.placement" -}}
{{- $values := get (index . 0).Values (index . 1) -}}
{{- with (index . 0).Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes (list $ "hub" CONFIG). */}}
{{- define "hindsight.podMetadata" -}}
{{- $root := index . 0 -}}
{{- $values := get $root.Values (index . 1) -}}
labels:
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- include "hindsight.selectorLabels" (list $root (index . 1)) | nindent 2 }}
  app.kubernetes.io/part-of: hindsight
annotations:
  # Settings are read at the start: a change of them rolls the pods. Tokens and certificates are read again when their files change.
  checksum/config: {{ index . 2 | sha256sum }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Nobody gains what the container does not have, and nothing is written outside of volumes. */}}
{{- define "hindsight.unprivileged" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Of Hub and recorder. */}}
{{- define "hindsight.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
# Not at each start: sealed snapshots are read-only, and giving files to the group would make them writable again.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "hindsight.hub.service" -}}
{{ include "hindsight.fullname" . }}-hub
{{- end -}}

{{- define "hindsight.tls" -}}
{{- if ne .Values.tls.mode "insecure" }}true{{ end -}}
{{- end -}}

{{- define "hindsight.tls.secret" -}}
{{- .Values.tls.secretName | default (printf "%s-tls" (include "hindsight.fullname" .)) -}}
{{- end -}}

{{/* What the Hub is called, from inside the cluster, through kubectl port-forward, and through the Ingress. */}}
{{- define "hindsight.tls.names" -}}
{{- $service := include "hindsight.hub.service" . -}}
- {{ $service }}
- {{ $service }}.{{ .Release.Namespace }}
- {{ $service }}.{{ .Release.Namespace }}.svc
- {{ $service }}.{{ .Release.Namespace }}.svc.cluster.local
- localhost
{{- range .Values.tls.extraNames }}
- {{ . | quote }}
{{- end }}
{{- with .Values.ingress.host }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{/* A value and its alias: either, or both the same. */}}
{{- define "hindsight.snapshots.value" -}}
{{- $name := index . 1 -}}
{{- $snapshots := (index . 0).Values.tap.snapshots -}}
{{- $value := get $snapshots $name -}}
{{- $alias := get $snapshots.local $name -}}
{{- if and $value $alias (ne $value $alias) -}}
{{- fail (printf "tap.snapshots.%s=%s and its alias tap.snapshots.local.%s=%s differ: set one of them." $name $value $name $alias) -}}
{{- end -}}
{{- $value | default $alias -}}
{{- end -}}

{{- define "hindsight.snapshots.storageSize" -}}
{{- include "hindsight.snapshots.value" (list . "storageSize") | default "20Gi" -}}
{{- end -}}

{{- define "hindsight.bytes" -}}
{{- $units := dict "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $number := regexFind "^[0-9]+" . -}}
{{- mul (int64 $number) (get $units (trimPrefix $number .)) -}}
{{- end -}}

{{/* Of each node's agent and of the recorder. */}}
{{- define "hindsight.link" -}}
{{- if include "hindsight.tls" . -}}
tls-ca: /etc/hindsight/tls/ca.crt
{{- else -}}
insecure: "true"
{{- end }}
token-file: /var/run/secrets/hindsight/{{ if .Values.auth.kubernetes.enabled }}token{{ else }}agent{{ end }}
{{- end -}}

{{- define "hindsight.hub.url" -}}
{{- printf "http%s://%s.%s.svc:%v" (ternary "s" "" (eq (include "hindsight.tls" .) "true")) (include "hindsight.hub.service" .) .Release.Namespace .Values.hub.port -}}
{{- end -}}

{{/* What an agent or recorder shows to the Hub. */}}
{{- define "hindsight.join.volume" -}}
- name: join-token
  {{- if .Values.auth.kubernetes.enabled }}
  projected:
    sources:
      # For the Hub alone: no API server takes it, and nobody else's token is taken by the Hub.
      - serviceAccountToken:
          path: token
          audience: {{ .Values.auth.audience }}
          expirationSeconds: 3600
  {{- else }}
  secret:
    secretName: {{ .Values.auth.tokenSecret }}
    # Not the Hub's file: that has everybody's tokens.
    items:
      - key: agent
        path: agent
  {{- end }}
{{- if include "hindsight.tls" . }}
- name: tls
  secret:
    secretName: {{ include "hindsight.tls.secret" . }}
    # Not the key: it is the Hub's alone.
    items:
      - key: ca.crt
        path: ca.crt
{{- end }}
{{- end -}}

{{- define "hindsight.join.mounts" -}}
- name: join-token
  mountPath: /var/run/secrets/hindsight
  readOnly: true
{{- if include "hindsight.tls" . }}
- name: tls
  mountPath: /etc/hindsight/tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* Takes (list "text of defaults" .Values.hub.settings): a user's settings win. */}}
{{- define "hindsight.settings" -}}
{{- $settings := fromYaml (index . 0) -}}
{{- range $name, $value := index . 1 -}}
{{- $_ := set $settings $name $value -}}
{{- end -}}
{{- toYaml $settings -}}
{{- end -}}

{{- define "hindsight.hub.asksApi" -}}
{{- if or .Values.auth.kubernetes.enabled .Values.tap.capture.raw.enabled }}true{{ end -}}
{{- end -}}

{{- define "hindsight.agent.asksApi" -}}
{{- if or .Values.agent.kubernetesEvents (eq .Values.agent.discovery "kubernetes") }}true{{ end -}}
{{- end -}}

{{/* The configuration file of the Hub. Strings are written as JSON, so that no value can be another YAML than itself. */}}
{{- define "hindsight.hub.config" -}}
{{- $quota := .Values.hub.quota | default (div (mul (include "hindsight.bytes" (include "hindsight.snapshots.storageSize" .) | int64) 9) 10 | toString) -}}
{{- $text := include "hindsight.hub.defaults" (dict "root" . "quota" $quota) -}}
{{- include "hindsight.settings" (list $text .Values.hub.settings) -}}
{{- end -}}

{{- define "hindsight.hub.defaults" -}}
{{- $root := .root -}}
{{- $namespace := $root.Release.Namespace -}}
{{- $fullname := include "hindsight.fullname" $root -}}
data: /var/lib/hindsight
host: {{ $root.Values.hub.host | toJson }}
port: {{ $root.Values.hub.port }}
quota: {{ .quota | quote }}
{{- if include "hindsight.tls" $root }}
tls-cert: /etc/hindsight/tls/tls.crt
tls-key: /etc/hindsight/tls/tls.key
{{- else }}
insecure: "true"
{{- end }}
{{- with $root.Values.tap }}
regex: {{ .regex | toJson }}
namespaces: {{ .namespaces | toJson }}
excluded-namespaces: {{ .excludedNamespaces | toJson }}
bpf-override: {{ .bpfOverride | toJson }}
{{- end }}
{{- if $root.Values.tap.capture.raw.enabled }}
agent-daemonset: {{ $namespace }}/{{ $fullname }}-agent
{{- end }}
{{- with $root.Values.auth }}
{{- if .tokenSecret }}
token-file: /etc/hindsight/tokens/tokens
{{- end }}
{{- if .kubernetes.enabled }}
kubernetes-tokens: "true"
token-audience: {{ .audience | toJson }}
agent-accounts: [{{ $namespace }}/{{ $fullname }}-agent]
recorder-accounts: [{{ $namespace }}/{{ $fullname }}-recorder]
{{- end }}
{{- with .oidc }}
{{- if .issuer }}
oidc-issuer: {{ .issuer | toJson }}
oidc-audience: {{ .audience | toJson }}
oidc-name-claim: {{ .nameClaim | toJson }}
oidc-groups-claim: {{ .groupsClaim | toJson }}
oidc-viewers: {{ .viewers | toJson }}
oidc-analysts: {{ .analysts | toJson }}
oidc-admins: {{ .admins | toJson }}
{{- if .caConfigMap }}
oidc-ca: /etc/hindsight/oidc/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hindsight.agent.config" -}}
{{- include "hindsight.settings" (list (include "hindsight.agent.defaults" .) .Values.agent.settings) -}}
{{- end -}}

{{- define "hindsight.agent.defaults" -}}
data: /var/lib/hindsight
storage-size: {{ .Values.tap.capture.raw.storageSize }}
interface: {{ .Values.agent.interfaces | toJson }}
os-events: {{ .Values.agent.osEvents | quote }}
kubernetes: {{ ternary "on" "off" .Values.agent.kubernetesEvents | quote }}
{{- if eq .Values.agent.discovery "kubernetes" }}
hub: kubernetes{{ if not (include "hindsight.tls" .) }}+http{{ end }}://{{ .Release.Namespace }}/{{ include "hindsight.hub.service" . }}:{{ .Values.hub.port }}
{{- else }}
hub: {{ include "hindsight.hub.url" . }}
{{- end }}
{{ include "hindsight.link" . }}
{{- end -}}

{{- define "hindsight.recorder.config" -}}
{{- include "hindsight.settings" (list (include "hindsight.recorder.defaults" .) .Values.recorder.settings) -}}
{{- end -}}

{{/* By name: this pod is in the cluster's network, and needs no way around its DNS. */}}
{{- define "hindsight.recorder.defaults" -}}
data: /var/lib/hindsight
storage-size: {{ .Values.recorder.storageSize }}
os-events: "off"
kubernetes: "on"
hub: {{ include "hindsight.hub.url" . }}
{{ include "hindsight.link" . }}
{{- end -}}
