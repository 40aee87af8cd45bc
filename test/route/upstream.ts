import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";

/** What a service saw. */
export interface Seen {
  readonly by: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A service that tells what it saw. */
export interface Upstream {
  readonly port: number;
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

/**
 * Answers with what it saw, as JSON. `?fail=N&key=K` answers 503 to the first N requests of that key; `?hang=N&key=K` never answers them.
 */
export async function startUpstream(by: string): Promise<Upstream> {
  const seen: Seen[] = [];
  const tries = new Map<string, number>();
  const server = createServer((req, res) => {
    const entry: Seen = { by, method: req.method ?? "", path: req.url ?? "", headers: req.headers };
    seen.push(entry);
    const query = new URL(entry.path, "http://x").searchParams;
    const key = query.get("key") ?? "";
    const tried = tries.get(key) ?? 0;
    tries.set(key, tried + 1);
    if (tried < Number(query.get("hang") ?? 0)) return;
    res.writeHead(tried < Number(query.get("fail") ?? 0) ? 503 : 200, {
      "content-type": "application/json",
      "x-internal": "1",
    });
    res.end(JSON.stringify(entry));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** What the service saw, where one answered. */
  readonly seen: Seen | undefined;
}

/** Calls `http://HOST/PATH` through a proxy's port. `target` is Host and path: `reviews/a?b=1`. */
export async function call(
  port: number,
  target: string,
  { method = "GET", headers = {} }: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const slash = target.indexOf("/");
  const [host, path] = [target.slice(0, slash), target.slice(slash)];
  const sent = request({ host: "127.0.0.1", port, path, method, headers: { host, ...headers }, agent: false });
  sent.end();
  const [res] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const told = res.headers["content-type"] === "application/json";
  return {
    status: res.statusCode,
    headers: res.headers,
    body,
    seen: told ? (JSON.parse(body.toString()) as Seen) : undefined,
  };
}
