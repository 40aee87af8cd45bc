import { loadAll, YAML11_SCHEMA, YAMLException } from "js-yaml";
import type { Chart, Values } from "./chart.ts";
import type { KubeObject } from "./object.ts";
import { evaluate, type World } from "./template/evaluate.ts";
import { type Node, TemplateError } from "./template/syntax.ts";

/** What templates know beside values. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Who installs: goes into `app.kubernetes.io/managed-by`. */
  readonly service: string;
}

/** The objects of a chart, as `helm template` would have them, in the order of its files. Throws TemplateError. */
export function render(chart: Chart, values: Values, release: Release): readonly KubeObject[] {
  const world: World = {
    root: {
      Values: values,
      Release: { Name: release.name, Namespace: release.namespace, Service: release.service },
      Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
    },
    named: new Map([...chart.templates.values()].flatMap(definitions)),
    file: chart.file,
  };
  return [...chart.templates].flatMap(([path, nodes]) =>
    path.endsWith(".tpl") ? [] : objectsOf(path, evaluate(nodes, world, world.root)),
  );
}

function definitions(nodes: readonly Node[]): [string, readonly Node[]][] {
  return nodes.flatMap((node) => (node.kind === "define" ? [[node.name, node.body] as [string, readonly Node[]]] : []));
}

/** As Helm reads it: YAML 1.1, empty documents left out. */
function objectsOf(path: string, text: string): readonly KubeObject[] {
  try {
    return (loadAll(text, { schema: YAML11_SCHEMA }) as (KubeObject | null | undefined)[]).filter((o) => o != null);
  } catch (error) {
    if (error instanceof YAMLException) throw new TemplateError(path, `what it renders is no YAML: ${error.message}`);
    throw error;
  }
}
