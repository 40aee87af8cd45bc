import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Details } from "./details.ts";
import { passOn, traceId } from "./headers.ts";
import { productPage } from "./page.ts";
import { runApplication } from "./process.ts";
import { PRODUCT } from "./product.ts";
import type { RatingsBody } from "./ratings.ts";
import type { ReviewsBody } from "./reviews.ts";
import { type Ask, type Handler, json, type Reply } from "./server.ts";
import { endUser, SIGN_OUT, signIn, userOf } from "./session.ts";
import { type Env, readNumber, readUpstream, type Settings } from "./settings.ts";
import { makeUpstream, type Outcome, type Patience, type Upstream } from "./upstream.ts";

const STYLE = ["frame.css", "parts.css", "narrow.css"].map(readStatic).join("\n");
const ICON = readStatic("icon.svg");
const COVER = readStatic("cover.svg");
const STYLE_TAG = createHash("sha256").update(STYLE).digest("hex").slice(0, 12);

/** The three services behind the page. */
interface Shelf {
  readonly details: (ask: Ask, id: string) => Promise<Outcome<Details>>;
  readonly reviews: (ask: Ask, id: string) => Promise<Outcome<ReviewsBody>>;
  readonly ratings: (ask: Ask, id: string) => Promise<Outcome<RatingsBody>>;
}

/**
 * The product page. Reads DETAILS_URL, REVIEWS_URL, RATINGS_URL (defaults http://details:9080, ...) and UPSTREAM_TIMEOUT_MS
 * (default 3000, for each try; reviews gets two).
 */
export function productpageHandler(env: Env, settings: Settings, upstream: Upstream): Handler {
  const shelf = makeShelf(env, upstream);
  return async (ask) => {
    const path = ask.url.pathname;
    if (path === "/login") return login(ask);
    if (ask.method !== "GET" && ask.method !== "HEAD") return json(405, { error: "this page can be read only" });
    if (path === "/") return redirect("/productpage");
    if (path === "/productpage") return page(ask, shelf, settings);
    if (path === "/logout") return redirect("/productpage", SIGN_OUT);
    if (path === "/static/bookinfo.css") return file("text/css; charset=utf-8", STYLE);
    if (path === "/static/icon.svg") return file("image/svg+xml", ICON);
    if (path === "/static/cover.svg") return file("image/svg+xml", COVER);
    if (path.startsWith("/api/v1/products")) return api(ask, shelf);
    return json(404, { error: "nothing here; the page is at /productpage" });
  };
}

function makeShelf(env: Env, upstream: Upstream): Shelf {
  const details = readUpstream(env, "DETAILS_URL", "http://details:9080");
  const reviews = readUpstream(env, "REVIEWS_URL", "http://reviews:9080");
  const ratings = readUpstream(env, "RATINGS_URL", "http://ratings:9080");
  const timeoutMs = readNumber(env, "UPSTREAM_TIMEOUT_MS", 3000, 600_000);
  const get = <T>(ask: Ask, base: URL, path: string, patience: Patience): Promise<Outcome<T>> =>
    upstream.get<T>(new URL(path, base), outgoing(ask), patience);
  return {
    details: (ask, id) => get<Details>(ask, details, `/details/${id}`, { timeoutMs, tries: 1 }),
    reviews: (ask, id) => get<ReviewsBody>(ask, reviews, `/reviews/${id}`, { timeoutMs, tries: 2 }),
    ratings: (ask, id) => get<RatingsBody>(ask, ratings, `/ratings/${id}`, { timeoutMs, tries: 1 }),
  };
}

/** What goes on to other services: the trace, and who is signed in. */
function outgoing(ask: Ask): Record<string, string> {
  const user = userOf(ask.headers);
  return { ...passOn(ask.headers), ...(user === undefined ? {} : { "end-user": endUser(user) }) };
}

async function page(ask: Ask, shelf: Shelf, settings: Settings): Promise<Reply> {
  const started = performance.now();
  const [details, reviews] = await Promise.all([shelf.details(ask, PRODUCT.id), shelf.reviews(ask, PRODUCT.id)]);
  const every = Number(ask.url.searchParams.get("every"));
  const body = productPage({
    product: PRODUCT,
    details,
    reviews,
    settings,
    styleTag: STYLE_TAG,
    tookMs: performance.now() - started,
    user: userOf(ask.headers),
    nameRefused: ask.url.searchParams.get("name") === "refused",
    trace: traceId(ask.headers),
    everySeconds: Number.isInteger(every) && every >= 1 && every <= 3600 ? every : undefined,
  });
  return { status: 200, headers: PAGE_HEADERS, body };
}

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'",
};

async function login(ask: Ask): Promise<Reply> {
  if (ask.method !== "POST") return redirect("/productpage");
  const name = new URLSearchParams(await ask.body()).get("username") ?? "";
  const cookie = signIn(name);
  return cookie === undefined ? redirect("/productpage?name=refused") : redirect("/productpage", cookie);
}

function readStatic(name: string): string {
  return readFileSync(new URL(`static/${name}`, import.meta.url), "utf8");
}

/** The JSON door: the same services, one by one, with their own status. */
async function api(ask: Ask, shelf: Shelf): Promise<Reply> {
  if (ask.url.pathname === "/api/v1/products") return json(200, [PRODUCT]);
  const [, id, part] = /^\/api\/v1\/products\/(\d+)(?:\/(reviews|ratings))?$/.exec(ask.url.pathname) ?? [];
  if (id === undefined)
    return json(404, { error: "ask for /api/v1/products, .../<number>, .../reviews or .../ratings" });
  const outcome = part === "reviews" ? shelf.reviews : part === "ratings" ? shelf.ratings : shelf.details;
  const { status, body, problem, said, ms } = await outcome(ask, id);
  if (body !== undefined) return json(200, body);
  const service = part ?? "details";
  return json(status === 0 ? 504 : status, { error: `${service} ${problem}`, said, ms: Math.round(ms) });
}

function redirect(location: string, cookie?: string): Reply {
  return { status: 302, headers: { location, ...(cookie === undefined ? {} : { "set-cookie": cookie }) }, body: "" };
}

function file(type: string, body: string): Reply {
  return { status: 200, headers: { "content-type": type, "cache-control": "public, max-age=300" }, body };
}

if (import.meta.main) {
  await runApplication("productpage", (env, settings) => {
    const upstream = makeUpstream(env);
    return { handler: productpageHandler(env, settings, upstream), release: async () => upstream.close() };
  });
}
