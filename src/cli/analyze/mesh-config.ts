import { parse } from "yaml";
import type { Resource } from "../../model/resource.ts";
import { meshConfigRef } from "../../plan/mesh.ts";
import type { Input } from "../inputs.ts";

/** MeshConfig is a message, not an object: it is given an identity. It may be in the ConfigMap that Istio keeps it in. */
export function meshConfigObject({ file, text }: Input): Resource {
  let spec = (parse(text, { version: "1.1" }) ?? {}) as Readonly<Record<string, unknown>>;
  const data = spec["data"] as Readonly<Record<string, unknown>> | undefined;
  if (spec["kind"] === "ConfigMap" && typeof data?.["mesh"] === "string")
    spec = (parse(data["mesh"], { version: "1.1" }) ?? {}) as Readonly<Record<string, unknown>>;
  const place = { file, line: 1, column: 1 };
  const origin = { ...place, at: `${file}:1:1`, locate: () => place };
  const none = { labels: {}, annotations: {}, createdAt: 0, generation: 1 };
  return { ...meshConfigRef, apiVersion: "mesh.istio.io/v1alpha1", ...none, spec, origin };
}
