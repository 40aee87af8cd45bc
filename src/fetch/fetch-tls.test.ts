import { match, rejects, strictEqual } from "node:assert";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { ranges } from "./address.ts";
import { guardedFetch } from "./fetch.ts";

// A server whose certificate is for id.example and for 127.0.0.1; the fetch dials addresses, and names are what certificates are for.

const folder = mkdtempSync(join(tmpdir(), "fetch-tls-"));
const file = (name: string) => join(folder, name);
const servers: https.Server[] = [];
let names: (string | undefined)[] = [];

async function serve(name: string): Promise<number> {
  const made = ["-keyout", file(`${name}.key`), "-out", file(`${name}.pem`), "-days", "2", "-subj", "/CN=test"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const alternatives = ["-addext", "subjectAltName=DNS:id.example,IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...key, ...made, ...alternatives], { stdio: "ignore" });
  const options = { key: readFileSync(file(`${name}.key`)), cert: readFileSync(file(`${name}.pem`)) };
  const server = https.createServer(options, (request, response) => {
    names.push((request.socket as unknown as { servername?: string }).servername);
    if (request.url === "/down") response.writeHead(302, { location: "http://id.example/" });
    response.end("keys");
  });
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

let port = 0;
let impostor = 0;
let fetch: ReturnType<typeof guardedFetch>;
const limits = { timeoutMs: 20_000, maxBytes: 1000 };

beforeAll(async () => {
  [port, impostor] = await Promise.all([serve("id"), serve("impostor")]);
  fetch = guardedFetch({
    resolve: async () => ["127.0.0.1"],
    allowed: ranges(["127.0.0.1"]),
    roots: [readFileSync(file("id.pem"), "utf8")],
  });
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

test("a server is believed for the name in the URL, which it is told", async () => {
  names = [];
  strictEqual(Buffer.from((await fetch(`https://id.example:${port}/`, limits)).bytes).toString(), "keys");
  strictEqual(names[0], "id.example");
  strictEqual((await fetch(`https://127.0.0.1:${port}/`, limits)).bytes.length, 4);
});

test.each([
  ["for another name", () => `https://other.example:${port}/`, /does not match/],
  ["by nobody whom this program believes", () => `https://id.example:${impostor}/`, /self-signed/],
])("a certificate %s is refused", (_, url, why) =>
  rejects(fetch(url(), limits), (error: Error) => {
    match(error.message, why);
    return true;
  }),
);

test("it leads from https to http nowhere", () =>
  rejects(fetch(`https://id.example:${port}/down`, limits), /^Error: it redirects from https to http$/));
