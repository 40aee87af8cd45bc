import { join } from "node:path";
import type { Certificates } from "./certificates.ts";
import { Issuers } from "./issuers.ts";

/** Who knows addresses: of a workload (NAMESPACE/NAME), and of a name as a workload of the mesh resolves it. */
export interface Addresses {
  ofWorkload(workload: string): Promise<string>;
  ofName(name: string): Promise<string>;
}

const issuers = new Issuers();

/**
 * A value with what it asks for in place of `${ip:WORKLOAD}`, `${vip:NAME}`, `${ca}`, `${cert:NAME}`, `${key:NAME}` and `${file:ca}`, ..., `${path:FILE}`,
 * `${jwks:ISSUER}`, `${token:ISSUER CLAIM=VALUE ...}`.
 */
export async function filled<T>(value: T, certificates: Certificates, addresses: Addresses): Promise<T> {
  const fill = async (text: string): Promise<string> => {
    const parts = text.split(/\$\{([^}]*)\}/);
    const whole = await Promise.all(parts.map((part, i) => (i % 2 === 0 ? part : meaning(part))));
    return whole.join("");
  };
  const meaning = async (asked: string): Promise<string> => {
    const [what, about = ""] = asked.split(/:(.*)/s);
    if (what === "ip") return addresses.ofWorkload(about);
    if (what === "vip") return addresses.ofName(about);
    if (what === "path") return join(import.meta.dirname, "../../..", about);
    if (what === "jwks") return issuers.keysOf(about);
    if (what === "token") return issuers.token(about);
    if (what === "ca") return certificates.ca;
    if (what === "cert" || what === "key") return certificates.of(about)[what];
    if (what === "file" && about === "ca") return certificates.caFile;
    const [kind, name = ""] = about.split(/:(.*)/s);
    if (what === "file" && (kind === "cert" || kind === "key")) return certificates.filesOf(name)[kind];
    throw new Error(`\${${asked}}: there is no such placeholder; see the README`);
  };
  const walk = async (found: unknown): Promise<unknown> => {
    if (typeof found === "string") return found.includes("${") ? fill(found) : found;
    if (Array.isArray(found)) return Promise.all(found.map(walk));
    if (typeof found !== "object" || found === null) return found;
    const entries = Object.entries(found).map(async ([key, inner]) => [await fill(key), await walk(inner)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  return (await walk(value)) as T;
}
