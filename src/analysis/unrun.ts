import { codes } from "../model/codes.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { FieldPath } from "../model/origin.ts";
import { kindOf, type Resource } from "../model/resource.ts";
import { types } from "../model/types.ts";

/** Parts of a workload that runs on this machine (annotation `weft.dev/run`) which are not run, as warnings. Pure. */
export function unrun(resource: Resource): readonly Diagnostic[] {
  const { type, spec } = resource;
  if (at(spec, ["template", "metadata", "annotations", "weft.dev/run"]) === undefined) return [];
  if (type === "StatefulSet.apps" || type === "DaemonSet.apps")
    return [warning(resource, ["spec"], `${kindOf(type)} has no effect yet: only Deployments are run on this machine`)];
  if (type !== types.Deployment) return [];
  const pod: FieldPath = ["spec", "template", "spec"];
  const containers = at(spec, ["template", "spec", "containers"]);
  return [
    ...(at(spec, ["template", "spec", "initContainers"]) === undefined
      ? []
      : [
          warning(
            resource,
            [...pod, "initContainers"],
            "initContainers has no effect yet: they are not run on this machine",
          ),
        ]),
    ...(Array.isArray(containers) && containers.length > 1
      ? [
          warning(
            resource,
            [...pod, "containers"],
            "containers has no effect yet: only the first container is run on this machine",
          ),
        ]
      : []),
  ];
}

function warning(about: Resource, path: FieldPath, message: string): Diagnostic {
  const { type, namespace, name } = about;
  return {
    code: codes.noEffect,
    level: "Warning",
    about: { type, namespace, name },
    path,
    position: about.origin.locate(path),
    message,
  };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, step)
        ? (inner as Readonly<Record<string, unknown>>)[step]
        : undefined,
    value,
  );
}
