{{- define "stream-drift.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "stream-drift.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "stream-drift.labels" -}}
{{ include "stream-drift.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "stream-drift.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "stream-drift.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "stream-drift.configMap" -}}
{{- default (printf "%s-config" (include "stream-drift.fullname" .)) .Values.existingConfigMap -}}
{{- end -}}

{{/* The roles that get a workload each, as a JSON list. */}}
{{- define "stream-drift.workloads" -}}
{{- if eq .Values.mode "split" -}}{{ .Values.splitRoles | toJson }}{{- else -}}["all"]{{- end -}}
{{- end -}}

{{/* The pod of a role: dict "root" $ "role" "detect". */}}
{{- define "stream-drift.pod" -}}
{{- $root := .root -}}{{- $role := .role -}}{{- $wanted := index $root.Values.roles $role -}}
metadata:
  labels:
    {{- include "stream-drift.selector" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $role }}
    {{- with $root.Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    {{- if not $root.Values.existingConfigMap }}
    checksum/config: {{ $root.Values.config | sha256sum }}
    {{- end }}
    {{- with $root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "stream-drift.serviceAccount" $root }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: {type: RuntimeDefault}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: stream-drift
      image: {{ printf "%s:%s" $root.Values.image.repository (default $root.Chart.AppVersion $root.Values.image.tag) | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        - run
        - --config=/etc/stream-drift/stream-drift.yaml
        {{- if ne $role "all" }}
        - --role={{ $role }}
        {{- end }}
      env:
        - {name: STREAMDRIFT__HTTP__ADDRESS, value: "0.0.0.0"}
        - {name: STREAMDRIFT__HTTP__PORT, value: {{ $root.Values.service.port | quote }}}
        {{- if $root.Values.staticMembership.enabled }}
        - name: POD_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - {name: STREAMDRIFT__KAFKA__GROUP_INSTANCE_ID, value: "$(POD_NAME)"}
        {{- end }}
        {{- with $root.Values.extraEnv }}{{ toYaml . | nindent 8 }}{{ end }}
      {{- with $root.Values.secrets.env }}
      envFrom:
        {{- range . }}
        - secretRef: {name: {{ . | quote }}}
        {{- end }}
      {{- end }}
      ports:
        - {name: http, containerPort: {{ $root.Values.service.port }}}
      startupProbe:
        httpGet: {path: /-/healthy, port: http}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /-/healthy, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /-/ready, port: http}
        periodSeconds: 5
        timeoutSeconds: 5
      resources: {{ toYaml $wanted.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: config, mountPath: /etc/stream-drift/stream-drift.yaml, subPath: stream-drift.yaml, readOnly: true}
        - {name: tmp, mountPath: /tmp}
        {{- if or $root.Values.references.configMap $root.Values.references.claim }}
        - {name: references, mountPath: /etc/stream-drift/references, readOnly: true}
        {{- end }}
        {{- range $root.Values.secrets.files }}
        - {name: {{ printf "secret-%s" .name | quote }}, mountPath: {{ .mountPath | quote }}, readOnly: true}
        {{- end }}
  volumes:
    - name: config
      configMap: {name: {{ include "stream-drift.configMap" $root | quote }}}
    - name: tmp
      emptyDir: {}
    {{- if $root.Values.references.claim }}
    - name: references
      persistentVolumeClaim: {claimName: {{ $root.Values.references.claim | quote }}, readOnly: true}
    {{- else if $root.Values.references.configMap }}
    - name: references
      configMap: {name: {{ $root.Values.references.configMap | quote }}}
    {{- end }}
    {{- range $root.Values.secrets.files }}
    - name: {{ printf "secret-%s" .name | quote }}
      secret: {secretName: {{ .name | quote }}}
    {{- end }}
  {{- range $key := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
  {{- with index $root.Values $key }}
  {{ $key }}: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}
