import type { Finding } from "./config.ts";

/**
 * `POST /api/v1/apply[?dryRun][&wait=30s][&folder=/where/the/file/lies]` and `POST /api/v1/delete[?dryRun][&wait=30s]`; the body is YAML (or JSON) with one or more objects;
 * for `delete`, apiVersion, kind and metadata are enough. Status 200 when nothing was refused, 422 when something was (the rest was done), 504 when
 * `wait` ended first.
 * In a cluster also `&basis=TYPE/NAMESPACE/NAME@BASIS` (`ConfigDetail.basis`, for each object that was changed from what was seen of it) and `&force`: fields
 * that others manage become the console's.
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
  /** Why it was refused though it is well: somebody else is at it, too. */
  readonly conflict?: WriteConflict;
  /** What a cluster's API server and its webhooks said of it, in their words. */
  readonly warnings?: readonly string[];
}

/** `changed`: it is not any more what was seen of it; `theirs` is what it says now (absent: it is gone), by `basis`. `managed`: others manage fields of it. */
export type WriteConflict =
  | { readonly kind: "changed"; readonly theirs?: { readonly yaml: string; readonly basis: string } }
  | { readonly kind: "managed"; readonly by: readonly FieldManager[] };

export interface FieldManager {
  /** `argocd-controller`, `kubectl-client-side-apply`. */
  readonly manager: string;
  /** `.spec.http`. */
  readonly fields: readonly string[];
}
