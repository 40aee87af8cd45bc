import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import type { InjectContext } from "../../src/inject/context.ts";
import { injectPod } from "../../src/inject/inject-pod.ts";
import { jsonPatch } from "../../src/inject/json-patch.ts";
import type { Container, Pod } from "../../src/inject/pod.ts";
import { parseInjectionSettings } from "../../src/inject/settings.ts";
import type { Resource } from "../../src/model/resource.ts";
import { apply, empty } from "../../src/model/snapshot.ts";

// NAME.in.yaml says how a Pod, and then the mesh, differ from `plain`; NAME.out.yaml is how the injected Pod then differs.

const folder = join(import.meta.dirname, "testdata");
const names = readdirSync(folder).flatMap((file) => /^(.*)\.in\.yaml$/.exec(file)?.[1] ?? []);

interface Setting {
  readonly mesh?: object;
  readonly settings?: object;
  readonly revision?: string;
  readonly installNamespace?: string;
}

const plain: Pod = {
  metadata: {
    generateName: "web-5d9-",
    labels: { app: "web", version: "v1", "pod-template-hash": "5d9" },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d9", controller: true }],
  },
  spec: { containers: [{ name: "web", image: "web:1", ports: [{ containerPort: 8080 }] }] },
};

function contextOf({
  mesh = {},
  settings = {},
  revision = "default",
  installNamespace = "istio-system",
}: Setting): InjectContext {
  const parsed = parseInjectionSettings(JSON.stringify(settings));
  expect(parsed.faults).toEqual([]);
  const put = { type: "MeshConfig", namespace: "", name: "istio", spec: mesh } as Resource;
  return { settings: parsed.settings, snapshot: apply(empty, [{ put }]), revision, installNamespace };
}

/** The injected Pod, with its containers and their arguments by name: the proxy is the same thing wherever it stands. */
function injected(pod: Pod, setting: Setting): object {
  const made = injectPod(pod, { namespace: "shop", drainKey: "key" }, contextOf(setting));
  if (!("pod" in made)) return made;
  const { containers = [], initContainers = [], ...rest } = made.pod.spec ?? {};
  const open = (container: Container) => [
    container.name,
    { ...container, ...(container.args === undefined ? {} : { args: flags(container.args) }) },
  ];
  return {
    ...made,
    pod: { ...made.pod, spec: rest },
    order: [initContainers.map(({ name }) => name), containers.map(({ name }) => name)],
    containers: Object.fromEntries([...initContainers, ...containers].map(open)),
  };
}

/** Flags with their values; JSON as what it is. */
function flags(args: readonly string[]): object {
  if (!args[0]?.startsWith("--")) return args;
  const value = (text: string | undefined): unknown =>
    text === undefined || text.startsWith("--") ? true : text.startsWith("{") ? JSON.parse(text) : text;
  return Object.fromEntries(args.flatMap((arg, i) => (arg.startsWith("--") ? [[arg, value(args[i + 1])]] : [])));
}

/** Lists and texts are replaced, maps are joined; null takes away. */
function differs(base: object, by: object): object {
  const entries = Object.entries(by).map(([key, value]) => {
    const before = (base as Record<string, unknown>)[key];
    const joined = typeof value === "object" && value !== null && !Array.isArray(value) && key !== "metadata.labels";
    return [key, joined ? differs((before ?? {}) as object, value as object) : value];
  });
  const all = { ...base, ...Object.fromEntries(entries) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

describe("injected Pods", () => {
  test.each(names)("%s", (name) => {
    const [by = {}, setting = {}] = parseAllDocuments(readFileSync(join(folder, `${name}.in.yaml`), "utf8")).map(
      (document) => document.toJS() as object,
    );
    const without = name === "plain" ? {} : injected(plain, {});
    const operations = jsonPatch(without, injected(differs(plain, by) as Pod, setting as Setting));
    const text = stringify(operations, { lineWidth: 0, aliasDuplicateObjects: false });
    const file = join(folder, `${name}.out.yaml`);
    if (process.env["UPDATE_GOLDEN"] !== undefined || !existsSync(file)) writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, "utf8"));
  });
});
