import { runApplication } from "./process.ts";
import { type Handler, json } from "./server.ts";
import type { Settings } from "./settings.ts";

/** What `GET /details/<id>` answers. */
export interface Details {
  readonly id: number;
  readonly author: string;
  readonly year: number;
  readonly type: string;
  readonly pages: number;
  readonly publisher: string;
  readonly language: string;
  readonly "ISBN-10": string;
  readonly "ISBN-13": string;
  readonly version: string;
  readonly podname: string;
}

/** The details service: what is printed on the back of the book. */
export function detailsHandler(settings: Settings): Handler {
  return async ({ method, url }) => {
    const id = /^\/details\/(\d+)$/.exec(url.pathname)?.[1];
    if (id === undefined) return json(404, { error: "ask for /details/<number>" });
    if (method !== "GET" && method !== "HEAD") return json(405, { error: "details can be read only" });
    const details: Details = {
      id: Number(id),
      author: "George Eliot",
      year: 1861,
      type: "paperback",
      pages: 272,
      publisher: "Penguin Classics",
      language: "English",
      "ISBN-10": "0141439750",
      "ISBN-13": "978-0141439754",
      version: settings.version,
      podname: settings.pod,
    };
    return json(200, details);
  };
}

if (import.meta.main) await runApplication("details", (_env, settings) => ({ handler: detailsHandler(settings) }));
