import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseTemplate } from "./template/parse.ts";
import type { Node } from "./template/syntax.ts";

/** A chart of Helm's, read. */
export interface Chart {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly values: Values;
  /** JSON Schema of the values; absent where the chart has none. */
  readonly schema?: unknown;
  /** Path in the chart (`templates/role.yaml`) to its parsed nodes, in the order of names. */
  readonly templates: ReadonlyMap<string, readonly Node[]>;
  /** Other files' texts by their path in the chart, read when asked for; empty where there is none. */
  readonly file: (path: string) => string;
}

export type Values = Readonly<Record<string, unknown>>;

/** Reads a chart's folder. Throws TemplateError for a template outside the subset, and what the file system throws. */
export function readChart(folder: string): Chart {
  const text = (path: string) => readFileSync(join(folder, path), "utf8");
  const about = parse(text("Chart.yaml")) as {
    readonly name: string;
    readonly version: string;
    readonly appVersion?: string;
  };
  const files = readdirSync(join(folder, "templates")).sort();
  const templates = files
    .filter((name) => name.endsWith(".yaml") || name.endsWith(".tpl"))
    .map((name) => `templates/${name}`);
  const schema = readdirSync(folder).includes("values.schema.json")
    ? { schema: JSON.parse(text("values.schema.json")) as unknown }
    : {};
  return {
    name: about.name,
    version: about.version,
    appVersion: about.appVersion ?? about.version,
    values: (parse(text("values.yaml")) ?? {}) as Values,
    ...schema,
    templates: new Map(templates.map((path) => [path, parseTemplate(path, text(path))])),
    file: (path) => {
      try {
        return text(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
        throw error;
      }
    },
  };
}
