{{- /* One webhook of Pods, without its selectors. Wants root and prefix. */ -}}
{{- define "weft.webhook" -}}
- name: {{ .prefix }}.sidecar-injector.weft.dev
  clientConfig:
    service:
      name: {{ include "weft.name" .root }}
      namespace: {{ .root.Release.Namespace }}
      path: /inject
      port: 443
  rules:
    - apiGroups: [""]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [pods]
      scope: Namespaced
  failurePolicy: Fail
  matchPolicy: Equivalent
  reinvocationPolicy: Never
  sideEffects: None
  admissionReviewVersions: [v1]
  timeoutSeconds: {{ .root.Values.webhooks.timeoutSeconds }}
{{- end -}}

{{- /* Namespaces that are never asked for as a whole. */ -}}
{{- define "weft.excluded" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values:
    - kube-system
    - kube-public
    - kube-node-lease
    - {{ .Release.Namespace }}
    {{- with .Values.webhooks.excludedNamespaces }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- /* Where single Pods ask by their labels: gateways of the install namespace do, too. */ -}}
{{- define "weft.never" -}}
- key: kubernetes.io/metadata.name
  operator: NotIn
  values: [kube-system, kube-public, kube-node-lease]
{{- end -}}

{{- /* Webhooks of those who chose a name by istio.io/rev: a revision or a tag. Wants root and name. */ -}}
{{- define "weft.chosen" -}}
{{ include "weft.webhook" (dict "root" .root "prefix" "rev.namespace") }}
  namespaceSelector:
    matchExpressions:
      - key: istio.io/rev
        operator: In
        values: [{{ .name | quote }}]
      - key: istio-injection
        operator: DoesNotExist
      {{- include "weft.excluded" .root | nindent 6 }}
  objectSelector:
    matchExpressions:
      - key: sidecar.istio.io/inject
        operator: NotIn
        values: ["false"]
{{ include "weft.webhook" (dict "root" .root "prefix" "rev.object") }}
  namespaceSelector:
    matchExpressions:
      - key: istio.io/rev
        operator: DoesNotExist
      - key: istio-injection
        operator: DoesNotExist
      {{- include "weft.never" . | nindent 6 }}
  objectSelector:
    matchExpressions:
      - key: sidecar.istio.io/inject
        operator: NotIn
        values: ["false"]
      - key: istio.io/rev
        operator: In
        values: [{{ .name | quote }}]
{{- if eq .name "default" }}
{{ include "weft.webhook" (dict "root" .root "prefix" "namespace") }}
  namespaceSelector:
    matchExpressions:
      - key: istio-injection
        operator: In
        values: [enabled]
      {{- include "weft.excluded" .root | nindent 6 }}
  objectSelector:
    matchExpressions:
      - key: sidecar.istio.io/inject
        operator: NotIn
        values: ["false"]
{{ include "weft.webhook" (dict "root" .root "prefix" "object") }}
  namespaceSelector:
    matchExpressions:
      - key: istio-injection
        operator: DoesNotExist
      - key: istio.io/rev
        operator: DoesNotExist
      {{- include "weft.never" . | nindent 6 }}
  objectSelector:
    matchExpressions:
      - key: sidecar.istio.io/inject
        operator: In
        values: ["true"]
      - key: istio.io/rev
        operator: DoesNotExist
{{- end }}
{{- end -}}
