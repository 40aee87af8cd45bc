import type { Finding } from "./config.ts";

/**
 * `POST /api/v1/apply[?dryRun][&wait=30s][&folder=/where/the/file/lies]` and `POST /api/v1/delete[?dryRun][&wait=30s]`; the body is YAML (or JSON) with one or more objects;
 * for `delete`, apiVersion, kind and metadata are enough. Status 200 when nothing was refused, 422 when something was (the rest was done), 504 when
 * `wait` ended first.
 */
export interface ApplyAnswer {
  readonly dryRun: boolean;
  readonly objects: readonly AppliedObject[];
  /** By which it can be taken back (`POST /api/v1/changes/{id}/undo`); absent where nothing was changed, or where it cannot be. */
  readonly change?: string;
  /** Only with `wait`. */
  readonly wait?: {
    readonly done: boolean;
    readonly total: number;
    readonly synced: number;
    readonly waitingFor: readonly string[];
  };
}

export interface AppliedObject {
  /** `virtualservice.networking.istio.io/reviews`, as kubectl writes it; what can be said of a text that is no object. */
  readonly name: string;
  readonly namespace: string;
  readonly outcome: "created" | "configured" | "unchanged" | "deleted" | "not found" | "refused";
  /** It was refused as who asked may not change it. */
  readonly forbidden?: true;
  /** What is wrong with it, and warnings on what was taken. */
  readonly diagnostics: readonly Finding[];
}
