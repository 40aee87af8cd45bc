import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdminAddress } from "../agent/admin.ts";
import { bootstrap, ports, proxyMark } from "../agent/bootstrap.ts";
import { controlPlaneName, rootSecret, tokenSecret } from "../agent/bootstrap-xds.ts";
import type { ProxyNode } from "../agent/node.ts";
import type { HostOptions } from "./options.ts";
import { writeWhole } from "./state.ts";
import type { Workload } from "./workload.ts";

/** A Pod's name, with what its files say of it. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  /** Where the application listens: another address than `ip` in loopback mode alone. */
  readonly applicationIp: string;
}

/** The resolver and hosts that a Pod sees as /etc/resolv.conf and /etc/hosts. */
export function writeNameFiles(
  folder: string,
  pod: { readonly namespace: string; readonly name: string; readonly ip: string },
  nameserver: string,
  domain: string,
): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const search = [`${pod.namespace}.svc.${domain}`, `svc.${domain}`, domain].join(" ");
  // Readable by whoever the application runs as.
  writeFileSync(join(folder, "resolv.conf"), `search ${search}\nnameserver ${nameserver}\noptions ndots:5\n`, {
    mode: 0o644,
  });
  const hosts = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", `${pod.ip}\t${pod.name}`, ""];
  writeFileSync(join(folder, "hosts"), hosts.join("\n"), { mode: 0o644 });
}

const tokenFile = "sds-token.json";
const rootFile = "sds-root.json";

/** Puts the token where Envoy reads it, whole: the next stream carries it. */
export function writeToken(folder: string, token: string): void {
  writeWhole(join(folder, "proxy", tokenFile), JSON.stringify(tokenSecret(token)));
}

/** Writes all that Envoy needs to start, but the token; answers the file of its bootstrap. */
export function writeProxyFiles(
  options: HostOptions,
  workload: Workload,
  pod: PodIdentity,
  at: { folder: string; admin: AdminAddress; controlPlane: string },
): string {
  const folder = join(at.folder, "proxy");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { rootCertFile } = options.xds;
  if (rootCertFile !== undefined) {
    writeWhole(join(folder, rootFile), JSON.stringify(rootSecret(readFileSync(rootCertFile, "utf8"))));
  }
  const tls = {
    san: controlPlaneName,
    tokenSds: join(folder, tokenFile),
    rootSds: join(folder, rootFile),
  };
  const loopback = options.mode === "loopback";
  const made = bootstrap(proxyNode(options, workload, pod), {
    xds: {
      address: options.xds.address ?? at.controlPlane,
      port: options.xds.port,
      ...(rootCertFile === undefined ? {} : { tls }),
    },
    admin: at.admin,
    listen: loopback ? { anyone: pod.ip, self: pod.ip } : { anyone: "0.0.0.0", self: "127.0.0.1" },
    ...(loopback ? {} : { mark: proxyMark }),
    settings: workload.proxySettings.bootstrap,
  });
  const file = join(folder, "bootstrap.json");
  const whole = options.bootstrapOverride?.(made, { ...pod, workload: workload.name }) ?? made;
  writeWhole(file, JSON.stringify(whole, undefined, 1));
  return file;
}

function proxyNode(options: HostOptions, workload: Workload, pod: PodIdentity): ProxyNode {
  const loopback = options.mode === "loopback";
  const { cluster, meshId } = workload.proxySettings;
  return {
    kind: workload.proxy === "router" ? "router" : "sidecar",
    ip: pod.ip,
    name: pod.name,
    namespace: pod.namespace,
    labels: { ...workload.labels, "pod-template-hash": workload.hash },
    annotations: workload.annotations,
    serviceAccount: workload.serviceAccount,
    workload: workload.name,
    containers: workload.proxy === "router" ? [] : workload.containers.map((c) => c.name),
    ports: workload.containers.flatMap((c) => c.ports ?? []),
    kubeCluster: options.kubeCluster ?? "Kubernetes",
    ...(cluster === undefined ? {} : { cluster }),
    meshId: meshId ?? options.meshId ?? options.trustDomain,
    dnsDomain: options.clusterDomain ?? "cluster.local",
    nodeName: options.nodeName ?? "localhost",
    locality: localityOf(workload) ?? options.locality ?? { region: "", zone: "", subzone: "" },
    metadata: {
      WEFT_MODE: options.mode,
      ...(loopback
        ? { INTERCEPTION_MODE: "NONE", WEFT_APP_ADDRESS: pod.applicationIp, WEFT_HTTP_PROXY_PORT: ports.outbound }
        : {}),
    },
  };
}

/** Where the label of a Pod says that it stands: `istio-locality: REGION.ZONE.SUBZONE`. Endpoints read the same label. */
function localityOf({ labels }: Workload): ProxyNode["locality"] | undefined {
  const [region = "", zone = "", subzone = ""] = (labels["istio-locality"] ?? "").split(/[./]/);
  return region === "" ? undefined : { region, zone, subzone };
}
