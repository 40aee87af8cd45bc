import type { IstioEgressListener, SidecarSpec } from "../../gen/istio/sidecar.ts";
import type { Ref } from "../../model/resource.ts";
import { types } from "../../model/types.ts";
import type { Step } from "../../track/scope.ts";
import { hostMatches } from "../host.ts";
import { namedProtocol, type Protocol } from "../protocol.ts";
import { parseViewer } from "../view.ts";

/** What one egress listener takes in. */
export interface Egress {
  /** Host patterns by namespace; `*` is any namespace that is not named itself. Lower-case. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** The same, taken out again. */
  readonly except: Readonly<Record<string, readonly string[]>>;
  /** Absent: every port that no other listener has. */
  readonly port?: { readonly number: number; readonly protocol: Protocol };
  readonly bind: string;
  /** Nothing is captured for it: it listens itself. */
  readonly bound: boolean;
  /** It is asked as an HTTP proxy is: of any service, at any port. */
  readonly proxy: boolean;
}

/** A Sidecar's spec. Key: `namespace/name`. */
export const sidecarSpec: Step<SidecarSpec | undefined> = {
  name: "plan/sidecarSpec",
  run: (scope, key) => scope.get<SidecarSpec>(sidecarRef(key))?.spec,
};

/** Where a Sidecar is written, for what it makes. Key: `namespace/name`, or empty for none. */
export const sidecarOrigins: Step<readonly string[]> = {
  name: "plan/sidecarOrigins",
  run: (scope, key) => {
    const at = scope.get(sidecarRef(key))?.origin.at;
    return at === undefined ? [] : [at];
  },
};

function sidecarRef(key: string): Ref {
  const slash = key.indexOf("/");
  return { type: types.Sidecar, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

const everything: readonly IstioEgressListener[] = [{ hosts: ["*/*"] }];

/** Egress listeners of a viewer's Sidecar, in order; without a Sidecar one for everything. Key: `viewerOf`. */
export const egressListeners: Step<readonly Egress[]> = {
  name: "plan/egressListeners",
  run: (scope, viewer) => {
    const { namespace, sidecar } = parseViewer(viewer);
    const said = sidecar === undefined ? undefined : scope.ask(sidecarSpec, sidecar)?.egress;
    return (said?.length ? said : everything).map((listener) => egress(listener, namespace));
  },
};

function egress({ hosts, port, bind = "", captureMode }: IstioEgressListener, namespace: string): Egress {
  const [taken, except]: [Record<string, string[]>, Record<string, string[]>] = [{}, {}];
  for (const text of hosts) {
    const slash = text.indexOf("/");
    if (slash < 0) continue;
    const [written, host] = [text.slice(0, slash), text.slice(slash + 1).toLowerCase()];
    // `~/host` takes it out of every namespace, `~prod/host` out of one.
    const out = written.startsWith("~");
    const named = out ? written.slice(1) || "*" : written;
    const key = named === "." ? namespace : named;
    const list = out ? except : taken;
    list[key] = [...(list[key] ?? []), host];
  }
  const bound = captureMode === "NONE" || bind.startsWith("unix://");
  const proxy = port?.protocol?.toUpperCase() === "HTTP_PROXY";
  const place = { hosts: taken, except, bind, bound, proxy };
  if (port === undefined) return place;
  return { ...place, port: { number: port.number ?? 0, protocol: proxy ? "http" : namedProtocol(port.protocol) } };
}

/** Whether a listener takes in a service. */
export function takesService({ hosts, except }: Egress, namespace: string, host: string): boolean {
  const covers = (patterns: readonly string[] | undefined) => patterns?.some((p) => hostMatches(p, host)) === true;
  if (covers(except[namespace]) || covers(except["*"])) return false;
  return covers(hosts[namespace] ?? hosts["*"]);
}

/** Whether it takes in a VirtualService, by one of its hosts: a pattern of either side may cover the other. */
export function takesVirtualService({ hosts, except }: Egress, namespace: string, named: readonly string[]): boolean {
  const takenOut = [...(except[namespace] ?? []), ...(except["*"] ?? [])];
  const left = named.filter((host) => !takenOut.some((p) => hostMatches(p, host)));
  const patterns = [...(hosts[namespace] ?? []), ...(hosts["*"] ?? [])];
  return left.some((host) => patterns.some((p) => hostMatches(p, host) || hostMatches(host, p)));
}
