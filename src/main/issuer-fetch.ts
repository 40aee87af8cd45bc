import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

const answerMs = 10_000;
const mostBytes = 1_000_000;

/** Asks an issuer that whoever runs the mesh has named: no redirect is followed, and what it says is bounded. `roots`: PEM, instead of the system's. */
export function issuerFetch(roots: string | undefined): (url: string, init: RequestInit) => Promise<Response> {
  return (url, init) =>
    new Promise((resolve, reject) => {
      const open = url.startsWith("https:") ? httpsRequest : httpRequest;
      const body = init.body === undefined || init.body === null ? undefined : String(init.body);
      const headers = Object.fromEntries(new Headers(init.headers).entries());
      const asked = open(url, {
        method: init.method ?? "GET",
        headers: { ...headers, ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }) },
        signal: AbortSignal.timeout(answerMs),
        ...(roots === undefined ? {} : { ca: roots }),
      });
      asked.once("error", reject).once("response", (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on("error", reject).on("data", (chunk: Buffer) => {
          length += chunk.length;
          if (length > mostBytes) asked.destroy(new Error(`${new URL(url).host} answers more than ${mostBytes} bytes`));
          else chunks.push(chunk);
        });
        answer.on("end", () => {
          const kept = Object.entries(answer.headers).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, String(value)] as [string, string]],
          );
          const status = answer.statusCode ?? 502;
          const empty = status === 204 || status === 304;
          const made = new Response(empty ? null : Buffer.concat(chunks), { status, headers: kept });
          // The library compares it with what it asked for.
          Object.defineProperty(made, "url", { value: url });
          resolve(made);
        });
      });
      asked.end(body);
    });
}
