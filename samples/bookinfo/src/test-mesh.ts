import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { detailsHandler } from "./details.ts";
import { productpageHandler } from "./productpage.ts";
import { ratingsHandler } from "./ratings.ts";
import { memoryRatings, type RatingsStore } from "./ratings-store.ts";
import { reviewsHandler } from "./reviews.ts";
import { type Handler, serve } from "./server.ts";
import type { Env, Settings } from "./settings.ts";
import { makeUpstream } from "./upstream.ts";

/** The sample on loopback ports, with real HTTP between its services and no proxies; for tests. */
export interface Shop {
  readonly details: (version?: string) => Promise<string>;
  readonly ratings: (store?: RatingsStore, version?: string) => Promise<string>;
  readonly reviews: (version: string, env: Env) => Promise<string>;
  readonly productpage: (env: Env) => Promise<string>;
  /** A server that the test scripts; answers its URL. */
  readonly fake: (listener: RequestListener) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A port that refuses: nothing listens on tcpmux. */
export const NOBODY = "http://127.0.0.1:1";

/** Each function starts one more service and answers its URL. */
export function openShop(): Shop {
  const closers: (() => Promise<unknown>)[] = [];
  const start = async (service: string, handler: Handler): Promise<string> => {
    const running = await serve(service, { host: undefined, port: 0 }, handler, () => {});
    closers.push(running.close);
    return `http://127.0.0.1:${running.port}`;
  };
  const upstreamOf = (env: Env): ReturnType<typeof makeUpstream> => {
    const upstream = makeUpstream(env);
    closers.unshift(async () => upstream.close());
    return upstream;
  };
  return {
    details: (version = "v1") => start("details", detailsHandler(settings("details", version))),
    ratings: (store = memoryRatings(), version = "v1") =>
      start("ratings", ratingsHandler(settings("ratings", version), store)),
    reviews: (version, env) => start("reviews", reviewsHandler(env, settings("reviews", version), upstreamOf(env))),
    productpage: (env) => start("productpage", productpageHandler(env, settings("productpage", "v1"), upstreamOf(env))),
    fake: async (listener) => {
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      closers.push(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    close: async () => {
      for (const close of closers) await close();
    },
  };
}

/** The whole shop with one version of reviews; answers the product page's address. */
export async function openWith(shop: Shop, reviewsVersion: string): Promise<string> {
  const ratings = await shop.ratings();
  const reviews = await shop.reviews(reviewsVersion, { RATINGS_URL: ratings });
  const details = await shop.details();
  return shop.productpage({ DETAILS_URL: details, REVIEWS_URL: reviews, RATINGS_URL: ratings });
}

/** A listener that keeps the headers it gets and answers with a JSON value. */
export function recorder(value: unknown): { listener: RequestListener; seen: IncomingHttpHeaders[] } {
  const seen: IncomingHttpHeaders[] = [];
  const listener: RequestListener = (request, response) => {
    seen.push(request.headers);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
  return { listener, seen };
}

function settings(service: string, version: string): Settings {
  return { host: undefined, port: 0, pod: `${service}-${version}-test-pod`, version };
}
