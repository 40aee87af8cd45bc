import { passOn } from "./headers.ts";
import { runApplication } from "./process.ts";
import type { RatingsBody } from "./ratings.ts";
import { type Handler, json } from "./server.ts";
import { type Env, readNumber, readUpstream, type Settings } from "./settings.ts";
import { makeUpstream, type Outcome, type Upstream } from "./upstream.ts";

/** One review. Without `rating` the version shows no stars. */
export interface Review {
  readonly reviewer: string;
  readonly text: string;
  readonly rating?: { readonly stars: number; readonly color: string } | { readonly error: string };
}

/** How the call to ratings went, as reviews saw it. Absent when the version makes none. */
export interface RatingsCall {
  readonly status: number;
  readonly ms: number;
  readonly version?: string;
  readonly podname?: string;
  readonly problem?: string;
  readonly said?: string;
}

/** What `GET /reviews/<id>` answers. */
export interface ReviewsBody {
  readonly id: string;
  readonly version: string;
  readonly podname: string;
  readonly reviews: readonly Review[];
  readonly ratings?: RatingsCall;
}

/** What a version adds to the texts: v1 nothing, v2 black stars, v3 red ones. */
interface Stars {
  readonly color: string;
  readonly timeoutMs: number;
}

const TEXTS = [
  {
    reviewer: "Mara",
    text: "A miser, a snowstorm and a child asleep on the hearth. Eliot needs fewer than three hundred pages to take a man apart and put him together again, and she is funny while she does it.",
  },
  {
    reviewer: "Jonah",
    text: "The Rainbow Inn chapter alone is worth the evening: nobody writes people who talk past each other like this. It takes its time at the start. So does weaving.",
  },
] as const;

/**
 * The stars of a version. The patience of v2 (10 s) is longer than that of the product page for reviews (2 tries of 3 s):
 * the flaw that the exercise `ratings-delay` brings to light. v3 has it mended.
 */
function starsOf(version: string, env: Env): Stars | undefined {
  if (version === "v1") return undefined;
  const black = version === "v2";
  return {
    color: black ? "black" : "red",
    timeoutMs: readNumber(env, "RATINGS_TIMEOUT_MS", black ? 10_000 : 2500, 600_000),
  };
}

/** The reviews service. Reads RATINGS_URL (default http://ratings:9080) and RATINGS_TIMEOUT_MS. */
export function reviewsHandler(env: Env, settings: Settings, upstream: Upstream): Handler {
  const base = readUpstream(env, "RATINGS_URL", "http://ratings:9080");
  const stars = starsOf(settings.version, env);
  return async ({ method, url, headers }) => {
    const id = /^\/reviews\/(\d+)$/.exec(url.pathname)?.[1];
    if (id === undefined) return json(404, { error: "ask for /reviews/<number>" });
    if (method !== "GET" && method !== "HEAD") return json(405, { error: "reviews can be read only" });
    const own = { id, version: settings.version, podname: settings.pod };
    if (stars === undefined) return json(200, { ...own, reviews: TEXTS } satisfies ReviewsBody);
    const patience = { timeoutMs: stars.timeoutMs, tries: 1 };
    const outcome = await upstream.get<RatingsBody>(new URL(`/ratings/${id}`, base), passOn(headers), patience);
    const reviews = TEXTS.map((review) => ({ ...review, rating: ratingOf(outcome, review.reviewer, stars.color) }));
    return json(200, { ...own, reviews, ratings: callOf(outcome) } satisfies ReviewsBody);
  };
}

function ratingOf(outcome: Outcome<RatingsBody>, reviewer: string, color: string): NonNullable<Review["rating"]> {
  if (outcome.body === undefined) return { error: "Ratings are not available" };
  const stars = outcome.body.ratings[reviewer];
  return stars === undefined ? { error: "Not rated yet" } : { stars, color };
}

function callOf(outcome: Outcome<RatingsBody>): RatingsCall {
  const { status, ms, body, problem, said } = outcome;
  return {
    status,
    ms: Math.round(ms),
    ...(body === undefined ? {} : { version: body.version, podname: body.podname }),
    ...(problem === undefined ? {} : { problem }),
    ...(said === undefined ? {} : { said }),
  };
}

if (import.meta.main) {
  await runApplication("reviews", (env, settings) => {
    const upstream = makeUpstream(env);
    return { handler: reviewsHandler(env, settings, upstream), release: async () => upstream.close() };
  });
}
