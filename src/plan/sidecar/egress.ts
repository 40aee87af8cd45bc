import type { IstioEgressListener, SidecarSpec } from "../../gen/istio/sidecar.ts";
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
  readonly port?: { readonly number: number; readonly protocol: Protocol; readonly name: string };
  readonly bind: string;
  /** Nothing is captured for it: it listens itself. */
  readonly bound: boolean;
}

/** A Sidecar's spec. Key: `namespace/name`. */
export const sidecarSpec: Step<SidecarSpec | undefined> = {
  name: "plan/sidecarSpec",
  run: (scope, key) => {
    const slash = key.indexOf("/");
    const ref = { type: types.Sidecar, namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    return scope.get<SidecarSpec>(ref)?.spec;
  },
};

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
  if (port === undefined) return { hosts: taken, except, bind, bound };
  const { number = 0, name = "" } = port;
  return { hosts: taken, except, bind, bound, port: { number, name, protocol: namedProtocol(port.protocol) } };
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
