import { request } from "node:http";

/** Where an Envoy's admin interface listens. */
export type AdminAddress = { readonly path: string } | { readonly address: string; readonly port: number };

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/** One request to an Envoy's admin interface. Rejects when it does not answer within `timeoutMs`. */
export function askAdmin(
  at: AdminAddress,
  method: "GET" | "POST",
  path: string,
  timeoutMs = 2000,
): Promise<AdminAnswer> {
  const to = "path" in at ? { socketPath: at.path } : { host: at.address, port: at.port };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request({ ...to, method, path, agent: false, signal, headers: { host: "admin" } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** True once Envoy has all of its first configuration and takes traffic. */
export async function isReady(at: AdminAddress): Promise<boolean> {
  try {
    return (await askAdmin(at, "GET", "/ready", 1000)).status === 200;
  } catch {
    return false;
  }
}

/** Connections that clients hold open to this Envoy now, without those to its own static listeners and those of its own application. */
export async function activeConnections(at: AdminAddress, kind: "sidecar" | "router"): Promise<number> {
  const { body } = await askAdmin(at, "GET", "/stats?usedonly&filter=%5Elistener%5C..*downstream_cx_active%24");
  let sum = 0;
  for (const line of body.split("\n")) {
    const match = /^listener\.(.+)\.downstream_cx_active: (\d+)$/.exec(line);
    if (!match || /^(admin|weft-)/.test(match[1] as string) || /\.worker_\d+$/.test(match[1] as string)) continue;
    if (kind === "router" || (match[1] as string).endsWith("_15006")) sum += Number(match[2]);
  }
  return sum;
}
