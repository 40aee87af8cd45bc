import { Agent, get, type IncomingMessage } from "node:http";
import type { Fetch } from "./scraper.ts";

/** Envoy's own names will do: its proxy need not write Istio's for us. The bootstrap of a proxy knows this header. */
const headers = { "x-weft-raw": "1" };

/** A `Fetch` over HTTP/1.1 that keeps its connections open between looks. `close` ends them. */
export function httpFetch(): Fetch & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const fetch = (url: string, signal: AbortSignal) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const request = get(url, { agent, signal, headers }, (response) => {
        if (response.statusCode === 200) resolve(response);
        else {
          response.resume();
          reject(new Error(`it answered ${response.statusCode}`));
        }
      });
      request.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    });
  return Object.assign(fetch, { close: () => agent.destroy() });
}
