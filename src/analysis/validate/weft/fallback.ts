import type { FallbackResponse, FallbackSpec } from "../../../gen/weft/fallback.ts";
import { fullHost } from "../../../model/full-host.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Findings } from "../finding.ts";
import { checkExportTo } from "../istio/visibility.ts";
import { fqdnFault } from "../names.ts";

/** Rules for a Fallback that its schema cannot say. */
export function checkFallback({ namespace, spec }: Resource, root: Findings): void {
  const { host, subset = "", exportTo, destinations = [], response } = spec as FallbackSpec;
  const found = root.at("spec");
  const full = (name: string) => fullHost(name, namespace, "cluster.local").toLowerCase();
  checkHost(host, found.at("host"));
  checkExportTo(exportTo, { namespace }, found);
  const seen = new Set<string>();
  destinations.forEach((to, i) => {
    const at = found.at("destinations", i);
    checkHost(to.host, at.at("host"));
    const key = `${full(to.host)}|${to.subset ?? ""}`;
    if (to.port === undefined && key === `${full(host)}|${subset}`)
      at.error(`${host} would fall back to itself`, "name another host, or another subset of it");
    if (seen.has(`${key}|${to.port?.number}`)) at.error(`${to.host} stands there twice`, "remove one of the two");
    seen.add(`${key}|${to.port?.number}`);
  });
  if (response !== undefined) checkResponse(response, found.at("response"));
}

function checkHost(host: string, found: Findings): void {
  const fault = fqdnFault(host);
  if (fault !== undefined) found.error(fault, "write a service's name: reviews, reviews.default.svc.cluster.local");
}

function checkResponse({ status, body = "", headers = {} }: FallbackResponse, found: Findings): void {
  if (body !== "" && (status === 204 || status === 205 || status === 304))
    found.at("body").error(`an answer of status ${status} has no body`, "remove the body, or write status: 200");
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z0-9!#$&'*+.^_|~-]+$/.test(name))
      found.at("headers", name).error(`"${name}" is no name of a header`, "write for example content-type");
    if (/[\r\n\0]/.test(value)) found.at("headers", name).error("a header's value is one line", "write it on one line");
    if (["content-length", "transfer-encoding", "connection"].includes(name.toLowerCase()))
      found.at("headers", name).error(`${name} is the proxy's to say`, "remove it");
  }
}
