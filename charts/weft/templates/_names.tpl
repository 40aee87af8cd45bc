{{- /* weft, or weft-REVISION: the name of everything that a revision has one of. */ -}}
{{- define "weft.name" -}}
weft{{ include "weft.suffix" . }}
{{- end -}}

{{- define "weft.suffix" -}}
{{- if ne .Values.revision "default" }}-{{ .Values.revision }}{{ end -}}
{{- end -}}

{{- define "weft.selector" -}}
app: weft
istio.io/rev: {{ .Values.revision | quote }}
{{- end -}}

{{- define "weft.common" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: weft
{{- end -}}

{{- define "weft.labels" -}}
{{ include "weft.selector" . }}
app.kubernetes.io/name: weft
{{ include "weft.common" . }}
{{- end -}}

{{- /* true where this release has what all revisions share. */ -}}
{{- define "weft.shared" -}}
{{- $said := toString .Values.shared -}}
{{- if or (eq $said "true") (and (eq $said "auto") (eq .Values.revision "default")) }}true{{ end -}}
{{- end -}}

{{- define "weft.tag" -}}
{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "weft.cniLabels" -}}
k8s-app: weft-cni
app.kubernetes.io/name: weft-cni
{{ include "weft.common" . }}
{{- end -}}
