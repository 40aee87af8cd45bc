import { deepStrictEqual } from "node:assert";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Backends, read, startBackends } from "./backends.ts";
import { each, exchange, get, statuses, untilClosed } from "./raw-http.ts";
import { type WorkloadBed, workloadBed } from "./workload-bed.ts";

// Requests that two parsers may take for different ones. The sidecar and what is behind it see the same, or nothing goes on.

let bed: WorkloadBed;
let backends: Backends;

beforeAll(async () => {
  bed = await workloadBed();
  backends = await startBackends(bed.applications);
  await bed.take(
    Object.values(backends.ports),
    `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: paths}
spec: {action: DENY, rules: [{to: [{operation: {paths: ["/smuggled*"]}}]}]}`,
  );
});
afterAll(async () => {
  await backends?.stop();
  await bed?.stop();
});

const inner = "GET /smuggled HTTP/1.1\r\nHost: app\r\n\r\n";
const post = (headers: string, body: string) => `POST /post HTTP/1.1\r\nHost: app\r\n${headers}\r\n${body}`;
const chunked = "Transfer-Encoding: chunked\r\n";
const length = (text: string) => `Content-Length: ${text.length}\r\n`;

/** What is refused, with the connection. */
const refused: Readonly<Record<string, string>> = {
  "CL.TE": post(`${length(`0\r\n\r\n${inner}`)}${chunked}`, `0\r\n\r\n${inner}`),
  "TE.CL": post(`Content-Length: 4\r\n${chunked}`, `2c\r\n${inner}\r\n0\r\n\r\n`),
  "TE.TE, identity last": post(`${chunked}Transfer-Encoding: identity\r\n`, `0\r\n\r\n${inner}`),
  "TE.TE, twice chunked": post(`${chunked}${chunked}`, `0\r\n\r\n${inner}`),
  "TE xchunked": post("Transfer-Encoding: xchunked\r\n", `0\r\n\r\n${inner}`),
  "TE with a vertical tab": post("Transfer-Encoding: \vchunked\r\n", `0\r\n\r\n${inner}`),
  "TE in quotes": post('Transfer-Encoding: "chunked"\r\n', `0\r\n\r\n${inner}`),
  "TE gzip, chunked": post("Transfer-Encoding: gzip, chunked\r\n", `0\r\n\r\n${inner}`),
  "TE with a space before the colon": post("Transfer-Encoding : chunked\r\n", `0\r\n\r\n${inner}`),
  "two lengths": post(`Content-Length: 0\r\n${length(inner)}`, inner),
  "two lengths in one": post(`Content-Length: 0, ${inner.length}\r\n`, inner),
  "a signed length": post(`Content-Length: +${inner.length}\r\n`, inner),
  "a negative length": post("Content-Length: -1\r\n", inner),
  "a length in hexadecimal": post(`Content-Length: 0x${inner.length.toString(16)}\r\n`, inner),
  "a length too long to count": post("Content-Length: 99999999999999999999999\r\n", inner),
  "a chunk too long to count": post(chunked, `fffffffffffffffff1\r\n${inner}`),
  "a chunk without a size": post(chunked, `\r\n${inner}`),
  "a chunk of a signed size": post(chunked, `+5\r\nhello\r\n0\r\n\r\n${inner}`),
  "a chunk that ends by a bare LF": post(chunked, `5\nhello\n0\n\n${inner}`),
  "a chunk that does not end": post(chunked, `5\r\nhelloXX0\r\n\r\n${inner}`),
  "an extension of a chunk with a bare LF": post(chunked, `5;a=b\nx\r\nhello\r\n0\r\n\r\n${inner}`),
  "a NUL in a header": post("X-A: a\0b\r\n", ""),
  "a name with a space": post("X A: b\r\n", ""),
  "a line without a colon": post("X-A\r\n", ""),
  "no name": post(": b\r\n", ""),
  "no Host": "GET /post HTTP/1.1\r\n\r\n",
};

const close = "Connection: close\r\n";
const last = `GET /smuggled HTTP/1.1\r\nHost: app\r\n${close}\r\n`;

/** What is taken, with the statuses of the answers and the paths that the server read. */
const taken: Readonly<Record<string, readonly [bytes: string, expected: string]>> = {
  "a body that looks like a request": [post(`${close}${length(inner)}`, inner), "200 /post"],
  "chunks that look like a request": [
    post(`${close}${chunked}`, `2b\r\n${inner.padEnd(43)}\r\n0\r\n\r\n`),
    "200 /post",
  ],
  "extensions of chunks": [post(`${close}${chunked}`, '5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n'), "200 /post"],
  "a GET with a body": [`GET /post HTTP/1.1\r\nHost: app\r\n${close}${length(inner)}\r\n${inner}`, "200 /post"],
  trailers: [post(`${close}${chunked}`, "5\r\nhello\r\n0\r\nX-Forwarded-Client-Cert: x\r\n\r\n"), "200 /post"],
  "a length of nothing": [post("Content-Length: 0\r\n", last), "200,403 /post"],
  "no length": [post("", last), "200,403 /post"],
  "a folded header": [post(`X-A: a\r\n b: c\r\n${close}`, ""), "200 /post"],
  "TE folded": [post("Transfer-Encoding:\r\n chunked\r\n", `0\r\n\r\n${last}`), "200,403 /post"],
  "bare LF for ends of lines": [
    `POST /post HTTP/1.1\nHost: app\n${length(inner)}Connection: close\n\n${inner}`,
    "200 /post",
  ],
  "a newer minor version": [`GET /post HTTP/1.2\r\nHost: app\r\n${close}\r\n`, "200 /post"],
};

describe.each(["node", "nginx", "python"] as const)("%s", (name) => {
  const target = () => ({ host: bed.ip, port: backends.ports[name] });

  /** Connections to the server that are left in doubt would answer somebody else's request. */
  async function inStep(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      const answer = await exchange(target(), get(`/probe${i}`));
      deepStrictEqual([statuses(answer), read(answer).includes(`/probe${i}`)], [[200], true], answer);
    }
  }

  test("what is not clear is refused, and the connection closed", async () => {
    const wrong: string[] = [];
    await each(
      Object.entries(refused),
      async ([what, bytes]) => {
        const answer = await untilClosed(target(), bytes);
        const [status] = statuses(answer);
        if ((status !== 400 && status !== 501) || statuses(answer).length > 1 || read(answer).length > 0)
          wrong.push(`${what}: ${answer}`);
      },
      16,
    );
    deepStrictEqual(wrong, []);
    await inStep();
  });

  test("what means one thing is taken as that, and what follows is judged as a request", async () => {
    const wrong: string[] = [];
    await each(Object.entries(taken), async ([what, [bytes, expected]]) => {
      const answer = await untilClosed(target(), bytes);
      const told = [statuses(answer).join(), ...read(answer).filter((p, i, all) => all.indexOf(p) === i)].join(" ");
      if (told !== expected) wrong.push(`${what}: ${told}, not ${expected}`);
    });
    deepStrictEqual(wrong, []);
    await inStep();
  });
});
