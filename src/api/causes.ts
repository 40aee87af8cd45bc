import { fullHost } from "../model/full-host.ts";
import { all, type Snapshot } from "../model/snapshot.ts";
import { types } from "../model/types.ts";
import type { MeasuredEdge } from "./edges.ts";

/** The object that makes requests fail. */
export interface Cause {
  /** `VirtualService ratings (ratings.yaml:9)`. */
  readonly name: string;
  /** Path in the console that shows it. */
  readonly link: string;
}

interface HttpRoute {
  readonly fault?: { readonly abort?: object };
  readonly route?: readonly { readonly destination?: { readonly host?: string } }[];
}

interface Routing {
  readonly hosts?: readonly string[];
  readonly http?: readonly HttpRoute[];
}

/** The VirtualService whose fault answers an edge's requests, where that is what happens to them. */
export function causeOf(edge: MeasuredEdge, snapshot: Snapshot, domain: string): Cause | undefined {
  if (!("FI" in edge.flags)) return undefined;
  for (const { spec, namespace, name, origin } of all(snapshot, types.VirtualService)) {
    const { hosts = [], http = [] } = (spec ?? {}) as Routing;
    const speaks = (host: string) => fullHost(host, namespace, domain) === edge.service;
    const index = http.findIndex(
      ({ fault, route = [] }) =>
        fault?.abort !== undefined && [...hosts, ...route.map((r) => r.destination?.host ?? "")].some(speaks),
    );
    if (index < 0) continue;
    const { line, file } = origin.locate(["spec", "http", index, "fault"]);
    // The whole path is on the page that the link leads to.
    const place = line === 0 ? "" : ` (${file.slice(file.lastIndexOf("/") + 1)}:${line})`;
    return {
      name: `VirtualService ${name}${place}`,
      link: `/config/${[types.VirtualService, namespace, name].map(encodeURIComponent).join("/")}`,
    };
  }
  return undefined;
}
