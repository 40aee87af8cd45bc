// Makes data/crds, charts/weft-crds/files, src/gen/istio, src/gen/gateway-api and src/gen/weft again from the Go modules that publish the schemas and from Weft's own kinds: `node scripts/refresh-crds.mjs`.
// Needs `go` and `unzip` on PATH; the versions are pinned below.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { writeCrdChart } from "./crd-chart.mjs";
import { crdTypes } from "./crd-types.mjs";
import { kubernetesSchemas } from "./kubernetes-schemas.mjs";

const modules = [
  {
    module: "istio.io/api",
    version: "v1.31.1",
    licence: "Apache-2.0",
    files: "kubernetes/customresourcedefinitions.gen.yaml",
    types: "istio",
  },
  {
    module: "sigs.k8s.io/gateway-api",
    version: "v1.7.0",
    licence: "Apache-2.0",
    files: "config/crd/standard",
    types: "gateway-api",
  },
];
const kubernetes = {
  module: "k8s.io/client-go",
  version: "v0.37.2",
  licence: "Apache-2.0",
  files: "applyconfigurations/internal/internal.go",
};
/** Weft's own kinds: no module, a file of the package. */
const own = { licence: "Apache-2.0", types: "weft", files: "data/install/weft.dev.yaml" };
const root = fileURLToPath(new URL("..", import.meta.url));
const data = join(root, "data/crds");
const types = (source) => join(root, "src/gen", source.types);

rmSync(data, { recursive: true, force: true });
mkdirSync(data, { recursive: true });
for (const source of [...modules, own]) {
  rmSync(types(source), { recursive: true, force: true });
  mkdirSync(types(source), { recursive: true });
}

const index = {};
for (const source of [...modules, own]) {
  const crds = crdsOf(source);
  writeCrdChart(join(root, "charts/weft-crds/files"), compact, source, crds);
  for (const crd of crds) {
    const { group, names, scope, versions } = crd.spec;
    const type = `${names.kind}.${group}`;
    const served = versions.filter((v) => v.served);
    const schemas = {};
    // Versions of equal schema share one entry, under the newest of them.
    const same = new Map();
    for (const v of served) {
      const schema = JSON.stringify(compact(v.schema.openAPIV3Schema));
      if (!same.has(schema)) {
        same.set(schema, v.name);
        schemas[v.name] = JSON.parse(schema);
      }
    }
    const versionsTo = Object.fromEntries(
      served.map((v) => [v.name, same.get(JSON.stringify(compact(v.schema.openAPIV3Schema)))]),
    );
    index[type] = { plural: names.plural, scope, versions: versionsTo };
    writeFileSync(join(data, `${type}.json`), `${JSON.stringify(schemas)}\n`);
    const newest = served[0];
    const text = crdTypes(names.kind, newest.schema.openAPIV3Schema.properties.spec);
    const from = source === own ? own.files : `${source.module} ${source.version}`;
    const head = `// Made by scripts/refresh-crds.mjs from ${from} (${source.licence}), ${group}/${newest.name}; do not edit.\n`;
    writeFileSync(join(types(source), `${kebab(names.kind)}.ts`), head + text);
  }
}
// MeshConfig is a file, no object of a cluster: it has a schema, and no entry in the index.
const meshConfig = JSON.parse(
  execFileSync("go", ["run", "."], { encoding: "utf8", cwd: join(root, "scripts/mesh-config"), maxBuffer: 1 << 26 }),
);
writeFileSync(join(data, "MeshConfig.json"), `${JSON.stringify(meshConfig)}\n`);
writeFileSync(
  join(types(modules[0]), "mesh-config.ts"),
  `// Made by scripts/refresh-crds.mjs from istio.io/api ${modules[0].version} (Apache-2.0), mesh/v1alpha1; do not edit.\n${crdTypes("MeshConfig", meshConfig.properties.spec)}`,
);
const table = readFileSync(join(fetchModule(kubernetes.module, kubernetes.version), kubernetes.files), "utf8");
for (const [type, { schema, scope }] of Object.entries(kubernetesSchemas(table))) {
  index[type] = { plural: `${type.split(".")[0].toLowerCase()}s`, scope, versions: { v1: "v1" } };
  writeFileSync(join(data, `${type}.json`), `${JSON.stringify({ v1: schema })}\n`);
}
writeFileSync(join(data, "index.json"), `${JSON.stringify(index, undefined, 1)}\n`);
writeFileSync(join(data, "README.md"), readme());

function crdsOf({ module, version, files }) {
  const path = module === undefined ? join(root, files) : join(fetchModule(module, version), files);
  const texts = path.endsWith(".yaml")
    ? [readFileSync(path, "utf8")]
    : readdirSync(path)
        .sort()
        .filter((f) => f.endsWith(".yaml"))
        .map((f) => readFileSync(join(path, f), "utf8"));
  return texts
    .flatMap((text) => parseAllDocuments(text, { version: "1.1" }).map((d) => d.toJS()))
    .filter((o) => o?.kind === "CustomResourceDefinition" && o.spec.versions.some((v) => v.served));
}

/** The folder of a module. A module that wants a newer Go than there is comes as its zip only: its data needs no compiler. */
function fetchModule(module, version) {
  const asked = spawnSync("go", ["mod", "download", "-json", `${module}@${version}`], { encoding: "utf8", cwd: "/" });
  if (asked.error) throw asked.error;
  const answer = JSON.parse(asked.stdout);
  if (answer.Dir) return answer.Dir;
  if (!answer.Zip) throw new Error(`${module}@${version}: ${answer.Error}`);
  const dir = mkdtempSync(join(tmpdir(), "crds-"));
  process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
  execFileSync("unzip", ["-q", answer.Zip, `${module}@${version}/config/*`, "-d", dir]);
  return join(dir, `${module}@${version}`);
}

/** Without the descriptions, which are two thirds of the text and judge nothing. */
function compact(schema) {
  if (Array.isArray(schema)) return schema.map(compact);
  if (typeof schema !== "object" || schema === null) return schema;
  const out = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "description" && typeof value === "string") continue;
    if (key === "properties") out[key] = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, compact(v)]));
    else if (key === "default" || key === "enum" || key === "required") out[key] = value;
    else out[key] = compact(value);
  }
  return out;
}

function kebab(kind) {
  return kind
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

function readme() {
  const rows = [...modules, kubernetes]
    .map((m) => `| \`${m.module}\` | ${m.version} | ${m.licence} | \`${m.files}\` |`)
    .join("\n");
  return `# Schemas of what the mesh reads, as data

One JSON file a kind: API version to OpenAPI v3 structural schema, without descriptions: Istio's and Gateway API's custom resource
definitions, Weft's own (\`data/install/weft.dev.yaml\`), and Kubernetes' own kinds by client-go's table of field types (which knows neither required fields nor enums). \`index.json\` says for each kind its plural, its
scope, and for each served version which schema it uses (versions of equal schema share one).

| Go module | version | licence | taken from |
|---|---|---|---|
${rows}

\`MeshConfig.json\` is the one schema of Istio's MeshConfig, which has no version: \`scripts/mesh-config\` makes it of the protobuf message in \`istio.io/api\`.

Made by \`node scripts/refresh-crds.mjs\` (needs \`go\`), which also writes the TypeScript types in \`src/gen/istio\`, \`src/gen/gateway-api\` and \`src/gen/weft\`. Not edited by hand.
`;
}
