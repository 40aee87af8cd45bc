import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { EagerPolicy } from "../../src/discovery/eager-policy.ts";
import type { Proxy } from "../../src/model/proxy.ts";
import type { Resource } from "../../src/model/resource.ts";
import { meshConfig, resources } from "../cluster/mesh.ts";
import { proxyOf } from "../proxy/mesh.ts";

/** Folders of golden cases: `mesh.yaml` is the mesh, `NAME.in.yaml` what a case adds. A new suite of this form is one line here. */
const suites = ["src/plan/route/testdata", "src/plan/cluster/testdata", "test/proxy/testdata", "test/patch/testdata"];

/** A golden case as its witness sees it. */
export interface GoldenCase {
  /** `src/plan/route/testdata/cors`. */
  readonly name: string;
  /** Who asks. */
  readonly proxy: Proxy;
  readonly eager: EagerPolicy;
  /** Objects of the mesh, and those of the case, whose fields are tried. */
  readonly mesh: readonly Resource[];
  readonly own: readonly Resource[];
}

interface Settings {
  readonly proxy?: Partial<Proxy>;
  readonly eager?: EagerPolicy;
  readonly client?: {
    readonly view?: Partial<Proxy>;
    readonly place?: {
      readonly locality?: string;
      readonly labels?: Record<string, string>;
      readonly network?: string;
    };
  };
  readonly meshConfig?: Record<string, unknown>;
}

export function goldenCases(): readonly GoldenCase[] {
  const root = join(import.meta.dirname, "../..");
  return suites.flatMap((suite) => {
    const read = (file: string) => readFileSync(join(root, suite, file), "utf8");
    const base = read("mesh.yaml");
    const names = readdirSync(join(root, suite)).flatMap((f) => (f.endsWith(".in.yaml") ? [f.slice(0, -8)] : []));
    return [
      caseOf(`${suite}/mesh`, "", base),
      ...names.map((name) => caseOf(`${suite}/${name}`, base, read(`${name}.in.yaml`))),
    ];
  });
}

function caseOf(name: string, base: string, text: string): GoldenCase {
  const said = [base, text].flatMap((each) => parseAllDocuments(each).map((doc) => doc.toJS() as Settings | null));
  const config = said.findLast((s) => s?.meshConfig !== undefined)?.meshConfig;
  const client = said.findLast((s) => s?.client !== undefined)?.client;
  const [region = "", zone = "", subzone = ""] = (client?.place?.locality ?? "").split("/");
  const labels = client === undefined ? {} : { labels: { ...client.view?.labels, ...client.place?.labels } };
  const metadata = { NETWORK: client?.place?.network ?? "" };
  const place =
    client === undefined ? {} : { ...client.view, ...labels, locality: { region, zone, subzone }, metadata };
  return {
    name,
    proxy: proxyOf(Object.assign({}, place, ...said.map((s) => s?.proxy))),
    eager: said.findLast((s) => s?.eager !== undefined)?.eager ?? "all",
    mesh: resources(base, "mesh.yaml"),
    own: [...resources(text, "case.yaml"), ...(config === undefined ? [] : [meshConfig(config)])],
  };
}
