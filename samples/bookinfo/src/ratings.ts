import { runApplication } from "./process.ts";
import { memoryRatings, type RatingsStore, StoreProblem } from "./ratings-store.ts";
import { type Ask, type Handler, json, type Reply } from "./server.ts";
import type { Settings } from "./settings.ts";

/** What `GET /ratings/<id>` answers: stars (1 to 5) by reviewer. */
export interface RatingsBody {
  readonly id: number;
  readonly version: string;
  readonly podname: string;
  readonly ratings: Readonly<Record<string, number>>;
}

/** The ratings service: `GET /ratings/<id>`, and `POST /ratings/<id>` with `{"Mara": 3}`. */
export function ratingsHandler(settings: Settings, store: RatingsStore): Handler {
  return async (ask) => {
    const found = /^\/ratings\/(\d{1,9})$/.exec(ask.url.pathname)?.[1];
    if (found === undefined) return json(404, { error: "ask for /ratings/<number>" });
    const id = Number(found);
    try {
      if (ask.method === "POST") {
        const problem = await rate(store, id, ask);
        if (problem !== undefined) return problem;
      } else if (ask.method !== "GET" && ask.method !== "HEAD") {
        return json(405, { error: "ratings can be read (GET) and given (POST)" });
      }
      const ratings = await store.read(id);
      return json(200, { id, version: settings.version, podname: settings.pod, ratings } satisfies RatingsBody);
    } catch (error) {
      if (error instanceof StoreProblem) return json(503, { error: error.message });
      throw error;
    }
  };
}

async function rate(store: RatingsStore, id: number, ask: Ask): Promise<Reply | undefined> {
  const given = parseRatings(await ask.body());
  if (given === undefined) return json(400, { error: 'send stars from 1 to 5 by reviewer, like {"Mara": 3}' });
  for (const [reviewer, stars] of given) await store.write(id, reviewer, stars);
  return undefined;
}

function parseRatings(text: string): readonly (readonly [string, number])[] | undefined {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const fine = entries.every(
      ([reviewer, stars]) =>
        reviewer.length <= 40 && Number.isInteger(stars) && Number(stars) >= 1 && Number(stars) <= 5,
    );
    return fine && entries.length > 0 && entries.length <= 20 ? (entries as [string, number][]) : undefined;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  await runApplication("ratings", async (env, settings) => {
    // Loaded only where it is used: version 1 needs no database client.
    const inDatabase = env["MYSQL_DB_HOST"] !== undefined;
    const store = inDatabase ? (await import("./ratings-database.ts")).databaseRatings(env) : memoryRatings();
    return { handler: ratingsHandler(settings, store), release: store.close };
  });
}
