import type { Finding } from "./config.ts";

/** `POST /api/v1/drafts` (the body is YAML; nothing is written): what a draft would do to the mesh. */
export interface DraftAnswer {
  readonly objects: readonly DraftObject[];
  /** What is wrong in the draft itself, in the order of its lines. */
  readonly findings: readonly DraftFinding[];
  /** Findings about other objects that the draft would bring. */
  readonly brought: readonly Finding[];
  /** Findings of now that would be gone. */
  readonly mended: readonly Finding[];
  /** False where the mesh is so large that not all of it could be looked at in time; asked again, it is. */
  readonly whole: boolean;
}

export interface DraftObject {
  readonly type: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly name: string;
  /** Line of the draft on which it begins, from 1. */
  readonly line: number;
  readonly outcome: "created" | "configured" | "unchanged" | "refused";
}

/** `at` is a place in the draft. */
export interface DraftFinding extends Finding {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** `GET /api/v1/schemas`: the kinds that have one, sorted. */
export interface SchemaKind {
  readonly type: string;
  readonly kind: string;
  /** `networking.istio.io/v1`, the newest first. */
  readonly apiVersions: readonly string[];
  readonly namespaced: boolean;
}

/** `GET /api/v1/schemas/{type}[?version=v1]`: the parts of an OpenAPI v3 schema that an editor needs. */
export interface FieldSchema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: FieldSchema | boolean;
  readonly items?: FieldSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
}
