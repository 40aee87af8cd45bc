import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

const ROOT = import.meta.dirname;

// biome-ignore lint/suspicious/noExplicitAny: what is read here is YAML of many kinds; the tests look at single fields.
type Loose = any;

/** An object of a file, with the file's path. */
interface Found {
  readonly file: string;
  readonly object: Loose;
}

function load(...paths: string[]): Found[] {
  return paths.flatMap((path) =>
    parseAllDocuments(readFileSync(join(ROOT, path), "utf8"), { version: "1.1" }).map((document) => {
      expect(document.errors, path).toEqual([]);
      return { file: path, object: document.toJS() as Loose };
    }),
  );
}

const BASE = [
  "bookinfo.yaml",
  "networking/gateway.yaml",
  "networking/destination-rules.yaml",
  "policy/peer-authentication.yaml",
  "policy/authorization.yaml",
];
const EXERCISES = readdirSync(join(ROOT, "exercises")).map((name) => `exercises/${name}`);
const base = load(...BASE);
const all = [...base, ...load("mariadb/mariadb.yaml", ...EXERCISES)];

function ofKind(found: readonly Found[], kind: string): Found[] {
  return found.filter(({ object }) => object.kind === kind);
}

test("the folder holds nothing else that would be read", () => {
  const read = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter(
    (path) => /\.(ya?ml|json)$/.test(path) && !/^(exercises|mariadb|src|node_modules)\//.test(path),
  );
  expect(read.sort()).toEqual([...BASE, "package.json"].sort());
  const ignored = readFileSync(join(ROOT, ".weftignore"), "utf8").split("\n");
  expect(ignored).toEqual(expect.arrayContaining(["exercises/", "mariadb/", "src/", "package.json"]));
});

test("every object has a name, a kind and the version that Istio's users write today", () => {
  for (const { file, object } of all) {
    expect(object.metadata.name, file).toMatch(/^[a-z0-9-]+$/);
    const group = String(object.apiVersion).split("/")[0] ?? "";
    if (group.endsWith("istio.io")) expect(object.apiVersion, file).toBe(`${group}/v1`);
  }
  const names = base.map(({ object }) => `${object.kind}/${object.metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
});

test("every Deployment runs a file that exists, as its container does, under a ServiceAccount that exists", () => {
  const accounts = ofKind(all, "ServiceAccount").map(({ object }) => object.metadata.name);
  for (const { file, object } of ofKind(all, "Deployment")) {
    const { metadata, spec } = object.spec.template;
    const [program, path] = String(metadata.annotations["weft.dev/run"]).split(" ");
    expect(program).toBe("node");
    expect(existsSync(join(ROOT, dirname(file), path ?? "")), `${file}: ${path}`).toBe(true);
    const [container] = spec.containers;
    expect(path?.replace("../", "")).toBe(container.command[1]);
    expect(accounts).toContain(spec.serviceAccountName);
    expect(metadata.labels).toEqual(object.spec.selector.matchLabels);
    const environment = Object.fromEntries(container.env.map((entry: Loose) => [entry.name, entry]));
    expect(Number(environment.PORT.value)).toBe(container.ports[0].containerPort);
    expect(environment.POD_NAME.valueFrom.fieldRef.fieldPath).toBe("metadata.name");
  }
});

test("every Service selects Pods and leads to a port of theirs", () => {
  const pods = ofKind(all, "Deployment").map(({ object }) => object.spec.template);
  for (const { object } of ofKind(all, "Service")) {
    const chosen = pods.filter((pod) =>
      Object.entries(object.spec.selector).every(([key, value]) => pod.metadata.labels[key] === value),
    );
    expect(chosen.length, object.metadata.name).toBeGreaterThan(0);
    for (const pod of chosen) {
      expect(pod.spec.containers[0].ports[0]).toMatchObject({
        containerPort: object.spec.ports[0].targetPort,
        name: object.spec.ports[0].name,
      });
    }
  }
});

test("every subset belongs to a DestinationRule and matches the labels of a Deployment", () => {
  const subsets = new Map<string, Loose>();
  for (const { object } of ofKind(all, "DestinationRule")) {
    for (const subset of object.spec.subsets) subsets.set(`${object.spec.host}/${subset.name}`, subset);
  }
  const destinations = ofKind(all, "VirtualService").flatMap(({ file, object }) =>
    object.spec.http.flatMap((http: Loose) => http.route.map((route: Loose) => ({ file, ...route.destination }))),
  );
  expect(destinations.length).toBeGreaterThan(15);
  const services = ofKind(base, "Service").map(({ object }) => object.metadata.name);
  for (const { file, host, subset } of destinations) {
    expect(services, file).toContain(host);
    if (subset !== undefined) expect(subsets.has(`${host}/${subset}`), `${file}: ${host}/${subset}`).toBe(true);
  }
  const pods = ofKind(all, "Deployment").map(({ object }) => object.spec.template.metadata.labels);
  for (const [name, subset] of subsets) {
    const host = name.split("/")[0];
    expect(pods, name).toContainEqual(expect.objectContaining({ app: host, ...subset.labels }));
  }
});

test("weights add up to 100", () => {
  for (const { file, object } of ofKind(all, "VirtualService")) {
    for (const { route } of object.spec.http) {
      const weights = route.map((one: Loose) => one.weight ?? 100);
      expect(
        weights.reduce((sum: number, weight: number) => sum + weight, 0),
        file,
      ).toBe(100);
    }
  }
});

test("policies name ServiceAccounts that exist and select Pods that exist", () => {
  const accounts = ofKind(all, "ServiceAccount").map(
    ({ object }) => `cluster.local/ns/default/sa/${object.metadata.name}`,
  );
  const apps = ofKind(all, "Deployment").map(({ object }) => object.metadata.labels.app);
  for (const { file, object } of ofKind(all, "AuthorizationPolicy")) {
    expect(apps, file).toContain(object.spec.selector.matchLabels.app);
    for (const rule of object.spec.rules) {
      const { principals = [], notPrincipals = [] } = rule.from[0].source;
      for (const principal of [...principals, ...notPrincipals]) {
        if (!principal.includes("/ns/istio-system/")) expect(accounts, file).toContain(principal);
      }
    }
  }
});

test("README tells about every exercise", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  for (const file of EXERCISES) expect(readme).toContain(`weft apply -f samples/bookinfo/${file}`);
});
