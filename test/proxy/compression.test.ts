import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { brotliDecompressSync, gunzipSync, gzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, test } from "vitest";
import { get, type Headers, having, page, startGateway, stopGateway } from "./policy-gateway.ts";

// Compression at a real gateway.

beforeAll(async () => void (await startGateway()));
afterAll(stopGateway);

const unpack: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

describe("Compression", () => {
  test.each(["gzip", "br", "zstd"])("%s", async (encoding) => {
    await having("Compression", {});
    const { headers, body } = await get("/", { "accept-encoding": encoding });
    strictEqual(headers["content-encoding"], encoding);
    match(String(headers.vary), /Accept-Encoding/i);
    ok(body.length < page.length / 10, `${body.length}`);
    strictEqual(unpack[encoding]?.(body).toString(), page);
  });

  test.each([
    ["gzip, deflate, br, zstd", [], "zstd"],
    ["gzip, deflate, br, zstd", ["Brotli", "Gzip"], "br"],
    ["gzip;q=1, br;q=0.5", ["Brotli", "Gzip"], "gzip"],
    ["gzip;q=0, br", ["Gzip"], undefined],
    ["identity", [], undefined],
    ["", [], undefined],
  ])("a client that says %j of %j gets %s", async (accepts, algorithms, encoding) => {
    await having("Compression", algorithms.length === 0 ? {} : { algorithms });
    const { headers, body } = await get("/", accepts === "" ? {} : { "accept-encoding": accepts });
    strictEqual(headers["content-encoding"], encoding);
    if (encoding === undefined) strictEqual(body.toString(), page);
  });

  const told = (says: Headers) => ({ "accept-encoding": "gzip", "x-answer": JSON.stringify(says) });
  test.each([
    ["what is no text", {}, { "content-type": "image/png" }, undefined],
    [
      "a type with parameters",
      { contentTypes: ["application/x.own"] },
      { "content-type": "application/X.own; a=b" },
      "gzip",
    ],
    ["a type that is not listed", { contentTypes: ["application/json"] }, {}, undefined],
    ["what is shorter", { minBytes: 100_000 }, { "content-length": `${page.length}` }, undefined],
    ["what is compressed already", {}, { "content-encoding": "x-own" }, "x-own"],
    ["Cache-Control: no-transform", {}, { "cache-control": "no-transform" }, undefined],
  ])("%s", async (_, spec, says, encoding) => {
    await having("Compression", spec);
    strictEqual((await get("/", told(says as unknown as Headers))).headers["content-encoding"], encoding);
  });

  test("a strong ETag is weakened, or such answers are left alone", async () => {
    const strong = told({ etag: '"1"' });
    await having("Compression", {});
    const { headers } = await get("/", strong);
    deepStrictEqual([headers["content-encoding"], headers.etag], ["gzip", 'W/"1"']);
    await having("Compression", { etags: "Skip" });
    const left = await get("/", strong);
    deepStrictEqual([left.headers["content-encoding"], left.headers.etag], [undefined, '"1"']);
  });

  test("exceptions by host and path", async () => {
    await having("Compression", { except: [{ paths: ["/raw*"] }, { hosts: ["eu.test"], paths: ["*.css"] }] });
    const encoded = async (path: string, host = "shop.test") =>
      (await get(path, { host, "accept-encoding": "gzip" })).headers["content-encoding"];
    deepStrictEqual(
      [await encoded("/raw/a"), await encoded("/a.css"), await encoded("/a.css", "eu.test")],
      [undefined, "gzip", undefined],
    );
    deepStrictEqual([await encoded("/b", "eu.test"), await encoded("/a?/raw")], ["gzip", "gzip"]);
  });

  test("requests are unpacked where that is asked for", async () => {
    const sent = gzipSync(page);
    const got = async () => (await get("/", { "content-encoding": "gzip" }, "POST", sent)).headers["x-got"];
    await having("Compression", {});
    strictEqual(await got(), `${sent.length}`);
    await having("Compression", { decompressRequests: true });
    strictEqual(await got(), `${page.length}`);
  });
});
