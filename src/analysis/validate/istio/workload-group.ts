import type { ReadinessProbe, WorkloadGroupSpec } from "../../../gen/istio/workload-group.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkLabels, checkPort } from "../names.ts";

/** Istio's rules for a WorkloadGroup. Source: istio pkg/config/validation. */
export function checkWorkloadGroup(resource: Resource, root: Findings): void {
  const spec = resource.spec as WorkloadGroupSpec;
  const found = root.at("spec");
  if (spec.template === undefined) {
    found.error("template is required", "write template");
    return;
  }
  checkLabels(spec.metadata?.labels, found.at("metadata", "labels"));
  if (spec.probe) checkProbe(spec.probe, found.at("probe"));
}

const counts = [
  "periodSeconds",
  "initialDelaySeconds",
  "timeoutSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function checkProbe(probe: ReadinessProbe, found: Findings): void {
  for (const field of counts)
    if ((probe[field] ?? 0) < 0) found.at(field).error(`${field} must be non-negative`, "write 0 or more");
  const { httpGet, tcpSocket, exec, grpc } = probe;
  if (httpGet) {
    const at = found.at("httpGet");
    checkPort(httpGet.port, at.at("port"));
    if (httpGet.scheme && !["HTTP", "HTTPS"].includes(httpGet.scheme))
      at.at("scheme").error('httpGet.scheme must be one of "HTTPS", "HTTP"', 'write "HTTP"');
    httpGet.httpHeaders?.forEach((header, i) => {
      if (!/^[-_A-Za-z0-9]+$/.test(header.name ?? ""))
        at.at("httpHeaders", i).error(`header name ${header.name ?? ""} is not a valid header name`);
    });
  } else if (tcpSocket) checkPort(tcpSocket.port, found.at("tcpSocket", "port"));
  else if (exec) {
    if ((exec.command ?? []).length === 0) found.at("exec").error("exec.command is required", "write command");
  } else if (grpc) checkPort(grpc.port, found.at("grpc", "port"));
  else found.error("unknown health check method", "write httpGet, tcpSocket, exec or grpc");
}
