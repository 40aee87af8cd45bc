import type { Order, Outcome, Report } from "./wire.ts";

/** Host, port and path of a URL, untouched. */
export function partsOf({ url }: Pick<Order, "url">): { host: string; port?: number; path: string } {
  const [, host = "", port, path = "/"] = /^\w+:\/\/(\[[^\]]+\]|[^/:?]+)(?::(\d+))?(.*)$/s.exec(url) ?? [];
  return { host, ...(port === undefined ? {} : { port: Number(port) }), path: path === "" ? "/" : path };
}

export function bodyOf({ body, size }: Order): Buffer | string {
  return size === undefined ? (body ?? "") : Buffer.alloc(size);
}

export function joined(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, (values ?? []).join(", ")]));
}

/** A body that is a workload's report, or its text; of a long one only how many bytes it has. */
export function bodyOrReport(text: string): Pick<Outcome, "report" | "body"> {
  try {
    const report = JSON.parse(text) as Report;
    if (typeof report.workload === "string") return { report };
  } catch {
    // No report.
  }
  return { body: text.length > 100_000 ? `${text.length} bytes` : text };
}

export function tlsOf(connected: { readonly tls?: Outcome["tls"] } | undefined): Pick<Outcome, "tls"> {
  return connected?.tls === undefined ? {} : { tls: connected.tls };
}
