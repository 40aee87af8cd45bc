import { deepStrictEqual, match, rejects, strictEqual } from "node:assert";
import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { ranges } from "./address.ts";
import { type FetchOptions, guardedFetch } from "./fetch.ts";

// The public internet is played by 127.0.0.1, which is therefore allowed; 127.0.0.2 is loopback as it is. Both have the same server.

let server: http.Server;
let port = 0;
let answer: RequestListener;
let asked: string[] = [];
const names = new Map<string, string[]>();
let lookups = 0;

beforeAll(async () => {
  server = http.createServer((request, response) => {
    asked.push(`${request.socket.localAddress} ${request.headers.host} ${request.url}`);
    answer(request, response);
  });
  await once(server.listen(0, "0.0.0.0"), "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  lookups = 0;
  names.clear();
  names.set("public.example", ["127.0.0.1"]);
  answer = (_, response) => void response.end("keys");
});

const limits = { timeoutMs: 20_000, maxBytes: 1000 };
const options: FetchOptions = {
  async resolve(name) {
    lookups++;
    const found = names.get(name);
    if (found === undefined) throw new Error(`no address of ${name}`);
    return found;
  },
  inMesh: (name, at) => (name === "issuer.shop" ? (at === 80 ? [{ address: "127.0.0.3", port }] : []) : undefined),
  allowed: ranges(["127.0.0.1"]),
  roots: [],
};
const fetch = guardedFetch(options);
const get = async (url: string) => Buffer.from((await fetch(url, limits)).bytes).toString();
const refuses = (url: string, why: RegExp) =>
  rejects(fetch(url, limits), (error: Error) => {
    match(error.message, why);
    return true;
  });

describe("where it goes", () => {
  test("what a name leads to, under that name", async () => {
    strictEqual(await get(`http://public.example:${port}/a?b=c`), "keys");
    deepStrictEqual(asked, [`127.0.0.1 public.example:${port} /a?b=c`]);
  });

  test("a service of the mesh is asked at its workload, whatever its address", async () => {
    strictEqual(await get("http://issuer.shop/keys"), "keys");
    deepStrictEqual(asked, ["127.0.0.3 issuer.shop /keys"]);
  });

  test("another port of that service leads nowhere", async () => {
    await refuses("http://issuer.shop:81/keys", /^no workload of the mesh is ready behind port 81 of issuer\.shop$/);
  });

  test.each([
    ["127.0.0.2", /loopback/],
    ["[::1]", /loopback/],
    ["[::ffff:127.0.0.2]", /loopback/],
    ["2130706434", /127\.0\.0\.2 is loopback/],
    ["0x7f.2", /127\.0\.0\.2 is loopback/],
    ["0177.0.0.2", /127\.0\.0\.2 is loopback/],
    ["127.2", /127\.0\.0\.2 is loopback/],
    ["0", /0\.0\.0\.0 is unspecified/],
    ["169.254.169.254", /link-local/],
    ["10.0.0.1", /private/],
    ["[fd00:ec2::254]", /credentials/],
  ])("http://%s is not asked", async (host, why) => {
    await refuses(`http://${host}:${port}/`, why);
    deepStrictEqual(asked, []);
  });

  test("a name that leads to such an address is not either", async () => {
    names.set("inside.example", ["127.0.0.2"]);
    names.set("empty.example", []);
    await refuses(
      `http://inside.example:${port}/`,
      /^inside\.example is 127\.0\.0\.2, which is loopback, .*--fetch-from/,
    );
    await refuses(`http://inside.example.:${port}/`, /loopback/);
    await refuses(`http://INSIDE.example:${port}/`, /loopback/);
    await refuses(`http://empty.example:${port}/`, /has no address/);
    deepStrictEqual(asked, []);
  });

  test("of several addresses those that may be asked are", async () => {
    names.set("public.example", ["127.0.0.2", "127.0.0.1"]);
    strictEqual(await get(`http://public.example:${port}/`), "keys");
    deepStrictEqual(asked, [`127.0.0.1 public.example:${port} /`]);
  });

  test("a name is looked up once: it cannot lead elsewhere after it was judged", async () => {
    const rebinding = guardedFetch({
      ...options,
      resolve: () => Promise.resolve(lookups++ === 0 ? ["127.0.0.1"] : ["127.0.0.2"]),
    });
    await rebinding(`http://public.example:${port}/`, limits);
    deepStrictEqual([lookups, asked], [1, [`127.0.0.1 public.example:${port} /`]]);
  });
});

describe("redirects", () => {
  const to =
    (location: string): RequestListener =>
    (request, response) =>
      request.url === "/there"
        ? void response.end("moved")
        : void response.writeHead(302, { location: location.replace("PORT", String(port)) }).end();

  test("one is followed", async () => {
    answer = to("/there");
    strictEqual(await get(`http://public.example:${port}/`), "moved");
  });

  test.each([
    ["http://127.0.0.2:PORT/there", /loopback/],
    ["//127.0.0.2:PORT/there", /loopback/],
    ["http://[::ffff:169.254.169.254]/there", /link-local/],
    ["file:///etc/passwd", /^file: is not fetched/],
    ["ftp://public.example/there", /^ftp: is not fetched/],
    ["http://user:pw@public.example:PORT/there", /password/],
    ["http://%", /no URL/],
  ])("to %s none is", async (location, why) => {
    answer = to(location);
    await refuses(`http://public.example:${port}/`, why);
    strictEqual(asked.length, 1);
  });

  test("not for ever", async () => {
    answer = to("/again");
    await refuses(`http://public.example:${port}/`, /redirects more than 3 times/);
    strictEqual(asked.length, 4);
  });
});

describe("what it takes", () => {
  test.each(["file:///etc/passwd", "ftp://public.example/", "data:,x", "gopher://public.example/"])(
    "nothing of %s",
    (url) => refuses(url, /is not fetched/),
  );

  test("no credentials in a URL", () => refuses(`http://user:pw@public.example:${port}/`, /password/));

  test("nothing but a good answer, and of a bad one no word", async () => {
    answer = (_, response) => void response.writeHead(403).end("secret");
    await refuses(`http://public.example:${port}/`, /^its server answers 403$/);
  });

  test("nothing too large, though its length is not said", async () => {
    answer = (_, response) => {
      response.write("x".repeat(600));
      response.end("x".repeat(600));
    };
    await refuses(`http://public.example:${port}/`, /larger than 1000 bytes/);
  });

  test("nothing that does not come in time", async () => {
    answer = (_, response) => void response.write("x");
    await rejects(fetch(`http://public.example:${port}/`, { ...limits, timeoutMs: 200 }), /no answer within 0\.2 s/);
    await rejects(
      guardedFetch({ ...options, resolve: () => new Promise(() => {}) })("http://slow.example/", {
        ...limits,
        timeoutMs: 50,
      }),
      /no answer within/,
    );
  });

  test("it says how long that stays so", async () => {
    answer = (_, response) => void response.writeHead(200, { "cache-control": "public, max-age=300" }).end();
    strictEqual((await fetch(`http://public.example:${port}/`, limits)).maxAge, 300);
  });
});
