import { isObject } from "../../install/values.ts";
import type { FieldPath } from "../../model/origin.ts";
import { meshConfigRef } from "../../plan/mesh.ts";

/** What Istio's schema and Weft's ledger of fields find wrong in a MeshConfig that stands among values. Loads both when there is one. */
export async function judgeMesh(spec: unknown, at: (path: FieldPath) => string): Promise<readonly string[]> {
  if (!isObject(spec) || Object.keys(spec).length === 0) return [];
  const { judgeMeshConfig } = await import("../../analysis/judge.ts");
  const start = { file: "values", line: 1, column: 1 };
  const origin = { ...start, at: "values", locate: () => start };
  const none = { labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  const found = judgeMeshConfig({ ...meshConfigRef, apiVersion: "mesh.istio.io/v1alpha1", ...none, spec, origin });
  return found
    .filter(({ level }) => level === "Error")
    .map(({ path = [], message, fix }) => `${at(["meshConfig", ...path])} ${message}${fix ? `; ${fix}` : ""}`);
}
