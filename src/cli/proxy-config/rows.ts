import { X509Certificate } from "node:crypto";
import type { ConfigDumpResource, ConfigType } from "../../api/contract/proxy-config.ts";
import type { Column } from "../output/table.ts";
import { clusterParts, type Json, object, objects, socket, text, texts } from "./fields.ts";
import { chainDestination, chainMatch, routeAction, routeMatch } from "./match.ts";

/** One line of a table. `search` is what the filters look at. */
export interface Row {
  readonly cells: readonly string[];
  readonly name: string;
  readonly fqdn: string;
  readonly port: string;
  readonly subset: string;
  readonly direction: string;
  /** A listener's or an endpoint's address, without the port. */
  readonly address: string;
  /** A listener's type: HTTP, TCP, HTTP+TCP. */
  readonly kind: string;
  readonly origins: readonly string[];
  readonly error?: string;
  readonly resource: ConfigDumpResource;
}

/** istioctl's columns, and where each resource was written. */
export const titles: Readonly<Record<Exclude<ConfigType, "bootstrap">, readonly string[]>> = {
  cluster: ["SERVICE FQDN", "PORT", "SUBSET", "DIRECTION", "TYPE"],
  listener: ["ADDRESSES", "PORT", "MATCH", "DESTINATION"],
  route: ["NAME", "VHOST NAME", "DOMAINS", "MATCH", "DESTINATION"],
  endpoint: ["ENDPOINT", "STATUS", "WEIGHT", "CLUSTER"],
  secret: ["RESOURCE NAME", "TYPE", "VALID", "SERIAL NUMBER", "NOT AFTER", "NOT BEFORE"],
  ecds: ["NAME", "TYPE"],
  scope: ["NAME", "ROUTE", "KEY"],
};

/** The columns of a table of rows. An Envoy does not know where its configuration was written. */
export function columnsOf(type: Exclude<ConfigType, "bootstrap">, rows: readonly Row[]): readonly Column<Row>[] {
  const own = titles[type].map((title, i) => ({ title, of: (row: Row) => row.cells[i] || "-" }));
  if (rows.every((row) => row.origins.length === 0 && row.error === undefined)) return own;
  return [
    ...own,
    { title: "WRITTEN AT", of: (row) => (row.error === undefined ? "" : "× ") + (row.origins.join(", ") || "-") },
  ];
}

/** The lines that a resource makes. `dump` is the resource with camelCase names. */
export function rowsOf(
  type: Exclude<ConfigType, "bootstrap">,
  resource: ConfigDumpResource,
  dump: Json,
  now: number,
): Row[] {
  const base = {
    name: resource.name,
    fqdn: "",
    port: "",
    subset: "",
    direction: "",
    address: "",
    kind: "",
    origins: resource.origins,
    resource,
    ...(resource.error === undefined ? {} : { error: resource.error }),
  };
  return makers[type](dump, resource.name, now).map((part) => ({ ...base, ...part }));
}

type Part = Partial<Row> & Pick<Row, "cells">;

const makers: Readonly<Record<Exclude<ConfigType, "bootstrap">, (dump: Json, name: string, now: number) => Part[]>> = {
  cluster: (dump, name) => {
    const parts = clusterParts(text(dump, "name") || name);
    const type = text(dump, "type") || (Object.keys(object(dump, "clusterType")).length > 0 ? "CUSTOM" : "STATIC");
    return [{ ...parts, cells: [parts.fqdn, parts.port, parts.subset, parts.direction, type] }];
  },
  listener: (dump, name) => listenerRows(dump, name),
  route: (dump, name) => {
    const route = text(dump, "name") || name;
    const port = route.split("|")[0] ?? "";
    return objects(dump, "virtualHosts").flatMap((vh) =>
      objects(vh, "routes").map((r) => ({
        port,
        fqdn: text(vh, "name"),
        cells: [route, text(vh, "name"), domains(texts(vh, "domains")), routeMatch(object(r, "match")), routeAction(r)],
      })),
    );
  },
  endpoint: (dump, name) => {
    const cluster = text(dump, "clusterName") || text(dump, "name") || name;
    const parts = clusterParts(cluster);
    const localities = [...objects(dump, "endpoints"), ...objects(dump, "loadAssignment", "endpoints")];
    return localities.flatMap((locality) =>
      objects(locality, "lbEndpoints").map((lb) => {
        const at = socket(object(lb, "endpoint", "address"));
        const colon = at.lastIndexOf(":");
        return {
          ...parts,
          port: colon < 0 ? "" : at.slice(colon + 1),
          address: colon < 0 ? at : at.slice(0, colon),
          cells: [at, text(lb, "healthStatus") || "HEALTHY", text(lb, "loadBalancingWeight") || "1", cluster],
        };
      }),
    );
  },
  secret: (dump, name, now) => secretRows(dump, name, now),
  ecds: (dump, name) => {
    const type = text(dump, "typedConfig", "@type").replace(/^.*\//, "");
    return [{ cells: [text(dump, "name") || name, type] }];
  },
  scope: (dump, name) => {
    const fragments = objects(dump, "key", "fragments").map((f) => text(f, "stringKey"));
    const route = text(dump, "routeConfigurationName") || text(dump, "routeConfiguration", "name");
    return [{ cells: [text(dump, "name") || name, route, fragments.join(" ")], fqdn: fragments.join(" ") }];
  },
};

function listenerRows(dump: Json, name: string): Part[] {
  const at = socket(object(dump, "address"));
  const colon = at.lastIndexOf(":");
  const [address, port] = colon < 0 ? [at, ""] : [at.slice(0, colon), at.slice(colon + 1)];
  const chains = objects(dump, "filterChains");
  const fallback = object(dump, "defaultFilterChain");
  const all = [
    ...chains.map((chain) => ({ match: chainMatch(object(chain, "filterChainMatch")), chain })),
    ...(Object.keys(fallback).length > 0 ? [{ match: "ALL", chain: fallback }] : []),
  ];
  const kinds = new Set(all.map(({ chain }) => (chainDestination(chain).startsWith("Cluster") ? "TCP" : "HTTP")));
  const kind = [...kinds].sort().join("+");
  if (all.length === 0) return [{ name, address, port, kind, cells: [address, port, "", ""] }];
  return all.map(({ match, chain }) => ({
    address,
    port,
    kind,
    cells: [address, port, match, chainDestination(chain)],
  }));
}

function secretRows(dump: Json, name: string, now: number): Part[] {
  const own = object(dump, "tlsCertificate");
  const ca = object(dump, "validationContext");
  const isOwn = Object.keys(own).length > 0;
  const chain = isOwn ? object(own, "certificateChain") : object(ca, "trustedCa");
  const pem = text(chain, "inlineString") || fromBase64(text(chain, "inlineBytes"));
  const type = isOwn ? "Cert Chain" : Object.keys(ca).length > 0 ? "CA" : "Other";
  const certificate = pem === "" ? undefined : describe(pem, now);
  const resource = text(dump, "name") || name;
  if (certificate === undefined) return [{ cells: [resource, type, "-", "-", "-", "-"] }];
  const { serial, notAfter, notBefore, valid } = certificate;
  return [{ cells: [resource, type, String(valid), serial, notAfter, notBefore] }];
}

function describe(pem: string, now: number) {
  try {
    const certificate = new X509Certificate(pem);
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    return {
      serial: certificate.serialNumber.toLowerCase(),
      notAfter: iso(to),
      notBefore: iso(from),
      valid: from <= now && now < to,
    };
  } catch {
    return undefined;
  }
}

function iso(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

function fromBase64(bytes: string): string {
  return bytes === "" ? "" : Buffer.from(bytes, "base64").toString("utf8");
}

/** The shortest name, and how many there are beside it. */
function domains(all: readonly string[]): string {
  const shortest = [...all].sort((a, b) => a.length - b.length)[0] ?? "";
  return all.length > 1 ? `${shortest} + ${all.length - 1} more...` : shortest;
}
