import type { Health } from "./health.ts";

/** `GET /api/v1/mesh`. */
export interface Mesh {
  readonly name: string;
  readonly version: string;
  readonly envoyVersion: string;
  readonly trustDomain: string;
  readonly health: Health;
  /** One sentence that says why: `5 of 7 proxies in sync; waiting for reviews-v2-0`. */
  readonly sentence: string;
  readonly proxies: { readonly total: number; readonly synced: number };
  readonly diagnostics: { readonly errors: number; readonly warnings: number; readonly infos: number };
  readonly namespaces: readonly string[];
  /** Addresses of gateways on this machine: `http://localhost:8080`. */
  readonly doors: readonly string[];
  readonly startedAt: number;
  /** Which of several control planes answers: its proxies are those that hang on it, and no others. Absent where there is one. */
  readonly replica?: string;
}
