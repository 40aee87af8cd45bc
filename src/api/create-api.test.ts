import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { advance, api, ask, post, start, token } from "./testdata/served.ts";

describe("who may ask", () => {
  test.each([
    [{ host: "evil.example:20001" }, 403],
    [{ host: "localhost.evil.example" }, 403],
    [{ host: "127.0.0.1.evil.example" }, 403],
    [{ host: "localhost:20001", origin: "http://evil.example" }, 403],
    [{ host: "localhost:20001", origin: "null" }, 403],
    [{ host: "localhost:20001", origin: "http://localhost:3000" }, 403],
    [{ host: "localhost:20001", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }, 403],
    [{ host: "localhost:20001", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 200],
    [{ host: "localhost:20001", origin: "http://localhost:20001", "sec-fetch-site": "same-origin" }, 200],
    [{ host: "[::1]:20001" }, 200],
    [{ host: "mesh.internal:1" }, 200],
  ])("%o: %d", async (headers, status) => {
    await start({}, {}, { hosts: ["mesh.internal"] });
    expect((await ask("/api/v1/version", { headers: headers as Record<string, string> })).status).toBe(status);
  });

  test("a change needs the token", async () => {
    let stopped = false;
    await start({
      shutdown: () => {
        stopped = true;
      },
    });
    for (const headers of [
      {},
      { authorization: "Bearer wrong" },
      { authorization: `Basic ${token}` },
      { authorization: "Bearer" },
    ]) {
      expect((await post("/api/v1/shutdown", "", headers as Record<string, string>)).status).toBe(401);
    }
    expect(stopped).toBe(false);
    expect((await post("/api/v1/shutdown")).status).toBe(202);
    expect(stopped).toBe(true);
  });

  test("where not everybody may read, it takes the token or a session of it to see anything of the mesh", async () => {
    const metrics = async (_: unknown, response: ServerResponse) => void response.end("metrics");
    await start({}, {}, { mayRead: async ({ headers }: IncomingMessage) => headers["x-user"] === "own", metrics });
    for (const path of ["/api/v1/version", "/api/v1/proxies", "/api/v1/events", "/metrics"]) {
      expect((await ask(path)).status).toBe(401);
      expect((await ask(path, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
    }
    expect((await ask("/api/v1/version", { headers: { "x-user": "own" } })).status).toBe(200);
    expect((await ask("/metrics", { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    const [cookie = ""] = String((await ask(api.loginPath())).headers["set-cookie"]).split(";");
    expect((await ask("/api/v1/version", { headers: { cookie } })).status).toBe(200);
    expect((await ask("/api/v1/version", { headers: { cookie: `${cookie}0` } })).status).toBe(401);
  });

  test("who reads without having logged in is told to log in for what reading is not enough for", async () => {
    await start({}, {}, { mayRead: async () => true });
    expect((await ask("/api/v1/version")).status).toBe(200);
    const { status, json } = await ask("/api/v1/audit");
    expect([status, json]).toMatchObject([401, { fix: expect.stringContaining("log in") }]);
  });

  test("every answer has the headers that browsers go by, refusals too", async () => {
    await start();
    for (const path of ["/", "/api/v1/version", "/api/v1/none", "/none.js", "/?token=wrong"]) {
      const { headers } = await ask(path);
      expect(headers).toMatchObject({
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": expect.stringMatching(/script-src 'self';.*frame-ancestors 'none'/),
      });
    }
  });

  test("or a session of our own page, which a link opens that is good once", async () => {
    await start({ apply: async () => [] });
    for (const wrong of ["wrong", token, ""]) expect((await ask(`/?token=${wrong}`)).status).toBe(401);
    const link = api.loginPath().slice(1);
    const opened = await ask(`/config${link}&q=x`);
    expect([opened.status, opened.headers.location]).toEqual([303, "/config?q=x"]);
    expect((await ask(`/config${link}&q=x`)).status).toBe(401);
    const set = String(opened.headers["set-cookie"]);
    expect(set).toMatch(/^weft_session_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=28800$/);
    expect(set).not.toContain(token);
    const cookie = set.split(";")[0] as string;
    const { csrf, who } = (await ask("/api/v1/session", { headers: { cookie } })).json;
    expect(who).toMatchObject({ name: "owner", how: "owner", namespaces: "all", operates: true, viewOnly: false });
    const own = { cookie, "x-weft-request": csrf };
    for (const more of [{ cookie }, { cookie, "x-weft-request": "1" }, { ...own, "sec-fetch-site": "same-site" }])
      expect((await post("/api/v1/apply", "", more)).status).toBe(403);
    expect((await post("/api/v1/apply", "", own)).status).toBe(200);
    expect((await ask(`//evil.example${api.loginPath()}`)).headers.location).toBe("/evil.example/");
    advance(10 * 60_000);
    expect((await ask(`/${link}`)).status).toBe(401);
  });
});

describe("the console's files", () => {
  const html = { accept: "text/html,*/*" };
  test("pages and their addresses, kept not at all, each with a nonce of its own; hashed files kept for ever, packed where the client takes it", async () => {
    await start();
    const nonces = new Set<string>();
    for (const path of [
      "/",
      "/config/VirtualService.networking.istio.io/default/reviews",
      "/workloads",
      "/index.html",
    ]) {
      const page = await ask(path, { headers: html });
      const [, nonce = ""] =
        /style-src 'self' 'nonce-([\w-]{43})';/.exec(page.headers["content-security-policy"] as string) ?? [];
      expect([page.status, page.text, page.headers["cache-control"]]).toEqual([
        200,
        `<!doctype html><meta property="csp-nonce" nonce="${nonce}" /><title>Weft</title>`,
        "no-store",
      ]);
      expect(page.headers["content-security-policy"]).not.toMatch(/unsafe|\*/);
      expect(page.headers.etag).toBeUndefined();
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
    const head = await ask("/", { method: "HEAD" });
    expect([head.status, head.text, Number(head.headers["content-length"]) > 100]).toEqual([200, "", true]);
    const asset = await ask("/assets/main-abc.js");
    const again = await ask("/assets/main-abc.js", { headers: { "if-none-match": String(asset.headers.etag) } });
    expect(again.status).toBe(304);
    expect(asset.headers["content-security-policy"]).toContain("style-src 'self';");
    const plain = await ask("/assets/main-abc.js");
    expect([plain.text, plain.headers["content-type"]]).toEqual(["console.log(1)", "text/javascript; charset=utf-8"]);
    expect(plain.headers["cache-control"]).toContain("immutable");
    const packed = await ask("/assets/main-abc.js", { headers: { "accept-encoding": "gzip, br" } });
    expect([packed.text, packed.headers["content-encoding"], packed.headers["content-type"]]).toEqual([
      "packed",
      "br",
      "text/javascript; charset=utf-8",
    ]);
    expect((await ask("/assets/main-abc.js", { headers: { "accept-encoding": "br;q=0" } })).text).toBe(
      "console.log(1)",
    );
  });

  test.each([
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/..%2f..%2fsecret.txt",
    "/leak.txt",
    "/.env",
    "/a%00b",
    "/assets",
    "/assets/none.js",
    "/..%5csecret.txt",
  ])("%s gives nothing from outside", async (path) => {
    await start();
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.text).not.toContain("not for you");
  });
});
