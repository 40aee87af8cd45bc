import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PASSED_ON } from "./headers.ts";
import { openShop, openWith, recorder, type Shop } from "./test-mesh.ts";
import { makeUpstream } from "./upstream.ts";

let shop: Shop;
beforeEach(() => {
  shop = openShop();
});
afterEach(() => shop.close());

const RATINGS = { id: 0, version: "v1", podname: "fake", ratings: { Mara: 1, Jonah: 1 } };

async function recordingShop(): Promise<{ base: string; seen: ReturnType<typeof recorder>["seen"] }> {
  const { listener, seen } = recorder(RATINGS);
  const ratings = await shop.fake(listener);
  const reviews = await shop.reviews("v2", { RATINGS_URL: ratings });
  const base = await shop.productpage({ DETAILS_URL: await shop.details(), REVIEWS_URL: reviews });
  return { base, seen };
}

test("trace headers go from the page through reviews to ratings, and nothing else does", async () => {
  const { base, seen } = await recordingShop();
  const sent = Object.fromEntries(PASSED_ON.map((name) => [name, name === "cookie" ? "a=b" : `value of ${name}`]));
  await fetch(`${base}/productpage`, { headers: { ...sent, "x-other": "stays here" } });
  expect(seen).toHaveLength(1);
  expect(Object.fromEntries(PASSED_ON.map((name) => [name, seen[0]?.[name]]))).toEqual(sent);
  expect(seen[0]).not.toHaveProperty("x-other");
});

test("who signs in is sent on as end-user, and signing out ends it", async () => {
  const { base, seen } = await recordingShop();
  const signedIn = await fetch(`${base}/login`, {
    method: "POST",
    body: new URLSearchParams({ username: " jason ", passwd: "anything" }),
    redirect: "manual",
  });
  expect(signedIn.status).toBe(302);
  expect(signedIn.headers.get("location")).toBe("/productpage");
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const page = await fetch(`${base}/productpage`, { headers: { cookie } });
  expect(await page.text()).toContain("Signed in as <b>jason</b>");
  expect(seen.at(-1)?.["end-user"]).toBe("jason");
  const signedOut = await fetch(`${base}/logout`, { headers: { cookie }, redirect: "manual" });
  expect(signedOut.headers.get("set-cookie")).toContain("Max-Age=0");
  await (await fetch(`${base}/productpage`)).text();
  expect(seen.at(-1)).not.toHaveProperty("end-user");
});

test.each(["", "   ", "a\r\nx-evil: 1", "<b>", "x".repeat(41)])("the name %j is refused politely", async (username) => {
  const { base } = await recordingShop();
  const answer = await fetch(`${base}/login`, { method: "POST", body: new URLSearchParams({ username }) });
  expect(answer.headers.get("set-cookie")).toBeNull();
  expect(await answer.text()).toContain("That name cannot be used");
});

test("a name beyond ASCII is shown as it is and sent on percent-encoded", async () => {
  const { base, seen } = await recordingShop();
  const page = await fetch(`${base}/productpage`, {
    headers: { cookie: `bookinfo-user=${encodeURIComponent("Zoë")}` },
  });
  expect(await page.text()).toContain("Signed in as <b>Zoë</b>");
  expect(seen.at(-1)?.["end-user"]).toBe("Zo%C3%AB");
});

test("a cookie that is broken counts as nobody", async () => {
  const base = await openWith(shop, "v1");
  const page = await fetch(`${base}/productpage`, { headers: { cookie: "bookinfo-user=%E0%A4%A" } });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("Sign in as");
});

test("the API lists the product and passes each service's answer and failure on", async () => {
  const base = await openWith(shop, "v3");
  const get = async (path: string): Promise<{ status: number; body: never }> => {
    const response = await fetch(base + path);
    return { status: response.status, body: (await response.json()) as never };
  };
  expect(await get("/api/v1/products")).toMatchObject({ status: 200, body: [{ id: "0", title: "Silas Marner" }] });
  expect(await get("/api/v1/products/0")).toMatchObject({ status: 200, body: { author: "George Eliot" } });
  expect(await get("/api/v1/products/0/reviews")).toMatchObject({
    body: { version: "v3", reviews: [{ rating: { stars: 5, color: "red" } }, { rating: { stars: 4 } }] },
  });
  expect(await get("/api/v1/products/0/ratings")).toMatchObject({ body: { ratings: { Mara: 5, Jonah: 4 } } });
  expect((await get("/api/v1/products/x")).status).toBe(404);
  const refusing = await shop.fake((_request, response) => response.writeHead(403).end("RBAC: access denied"));
  const other = await shop.productpage({ RATINGS_URL: refusing, DETAILS_URL: refusing, REVIEWS_URL: refusing });
  const refused = await fetch(`${other}/api/v1/products/0/ratings`);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ error: "ratings answered 403", said: "RBAC: access denied" });
});

test("stars can be given, within bounds", async () => {
  const ratings = await shop.ratings();
  const post = (body: string): Promise<Response> => fetch(`${ratings}/ratings/0`, { method: "POST", body });
  expect(await (await post('{"Mara":2}')).json()).toMatchObject({ ratings: { Mara: 2, Jonah: 4 } });
  for (const bad of ["", "[]", "{}", '{"Mara":6}', '{"Mara":"5"}', "null", "{"])
    expect((await post(bad)).status).toBe(400);
  expect((await post(`{"Mara":${" ".repeat(70_000)}2}`)).status).toBe(413);
  expect(await (await fetch(`${ratings}/ratings/1`)).json()).toMatchObject({ ratings: { Mara: 5 } });
});

test("every service has /health, answers 404 elsewhere and 405 to other methods", async () => {
  const services = {
    details: await shop.details(),
    ratings: await shop.ratings(),
    reviews: await shop.reviews("v1", {}),
  };
  for (const [name, url] of Object.entries(services)) {
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: `${name} is healthy` });
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/${name}/0`, { method: "DELETE" })).status).toBe(405);
  }
});

test("with HTTP_PROXY calls go there in absolute form; NO_PROXY spares a host", async () => {
  const lines: string[] = [];
  const hosts: (string | undefined)[] = [];
  const proxy = await shop.fake((request, response) => {
    lines.push(`${request.method} ${request.url}`);
    hosts.push(request.headers.host);
    response.end(JSON.stringify(RATINGS));
  });
  const direct = await shop.ratings();
  const upstream = makeUpstream({ HTTP_PROXY: proxy, NO_PROXY: "localhost, 127.0.0.1" });
  const patience = { timeoutMs: 5000, tries: 1 };
  const outcome = await upstream.get<typeof RATINGS>(new URL("http://ratings:9080/ratings/0?x=1"), {}, patience);
  expect(outcome.body?.podname).toBe("fake");
  expect(lines).toEqual(["GET http://ratings:9080/ratings/0?x=1"]);
  expect(hosts).toEqual(["ratings:9080"]);
  const spared = await upstream.get<typeof RATINGS>(new URL(`${direct}/ratings/0`), {}, patience);
  expect(spared.body?.podname).toBe("ratings-v1-test-pod");
  expect(lines).toHaveLength(1);
  upstream.close();
});

test("reviews give ratings up after their patience and say so", async () => {
  const silent = await shop.fake(() => {});
  const reviews = await shop.reviews("v3", { RATINGS_URL: silent, RATINGS_TIMEOUT_MS: "80" });
  expect(await (await fetch(`${reviews}/reviews/0`)).json()).toMatchObject({
    reviews: [{ rating: { error: "Ratings are not available" } }, {}],
    ratings: { status: 0, problem: "no answer within 80 ms" },
  });
});

test("reviews v1 never ask for ratings", async () => {
  const { listener, seen } = recorder(RATINGS);
  const reviews = await shop.reviews("v1", { RATINGS_URL: await shop.fake(listener) });
  const body = await (await fetch(`${reviews}/reviews/0`)).json();
  expect(body).not.toHaveProperty("ratings");
  expect(JSON.stringify(body)).not.toContain("stars");
  expect(seen).toEqual([]);
});

test("a kept connection that the other side has closed costs no request", async () => {
  const server = createServer((_request, response) => response.end(JSON.stringify(RATINGS)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  // The server takes the second request on a connection and closes it without an answer, as one that times out does.
  const requests = new Map<unknown, number>();
  server.prependListener("request", (request) => {
    const count = (requests.get(request.socket) ?? 0) + 1;
    requests.set(request.socket, count);
    if (count > 1) request.socket.destroy();
  });
  const upstream = makeUpstream({});
  const url = new URL(`http://127.0.0.1:${port}/ratings/0`);
  for (let call = 0; call < 3; call++) {
    expect((await upstream.get(url, {}, { timeoutMs: 5000, tries: 1 })).status).toBe(200);
  }
  expect(requests.size).toBe(3);
  upstream.close();
  await new Promise((resolve) => server.close(resolve));
});
