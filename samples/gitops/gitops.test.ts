import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "..", "..");
// biome-ignore lint/suspicious/noExplicitAny: what is read here is YAML of others' kinds; the tests look at single fields.
type Loose = any;
const objects = (file: string): Loose[] =>
  parseAllDocuments(readFileSync(join(import.meta.dirname, file), "utf8")).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
const argo = objects("argocd/weft.yaml");
const flux = objects("flux/weft.yaml");

test("what they point at is there", () => {
  const paths = [
    ...argo.map(({ spec }) => spec.source.path),
    ...flux.flatMap(({ kind, spec }) => (kind === "HelmRelease" ? spec.chart.spec.chart : (spec.path ?? []))),
  ];
  expect(paths.length).toBe(6);
  for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
});

test("what the control plane fills into webhooks is in no chart, and both tools leave it alone", () => {
  const templates = join(root, "charts", "weft", "templates");
  for (const name of readdirSync(templates))
    expect(readFileSync(join(templates, name), "utf8"), name).not.toMatch(/caBundle:/);
  const kinds = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
  const application = argo.find(({ metadata }) => metadata.name === "weft");
  expect(application.spec.ignoreDifferences.map(({ kind }: Loose) => kind)).toEqual(kinds);
  expect(application.spec.syncPolicy.syncOptions).toContain("RespectIgnoreDifferences=true");
  const release = flux.find(({ kind, metadata }) => kind === "HelmRelease" && metadata.name === "weft");
  expect(release.spec.driftDetection.ignore.map(({ target }: Loose) => target.kind)).toEqual(kinds);
});
