import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { analyze } from "../../src/analysis/analyze.ts";
import { judge } from "../../src/analysis/judge.ts";
import { analyzeFiles } from "../../src/cli/analyze/files.ts";
import { meshConfigObject } from "../../src/cli/analyze/mesh-config.ts";
import { codes } from "../../src/model/codes.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import { formatPath } from "../../src/model/origin.ts";
import { formatRef, type Resource } from "../../src/model/resource.ts";
import { apply, empty } from "../../src/model/snapshot.ts";
import { readReview } from "../../src/operate/admission.ts";
import { validation } from "../../src/operate/validation.ts";
import { parseText, readObject } from "../../src/sources/text/text.ts";
import { Tracker } from "../../src/track/tracker.ts";

const folder = join(import.meta.dirname, "testdata");
const fixtures = readdirSync(folder).filter((file) => file.endsWith(".bad.yaml"));
/** Where patches of EnvoyFilters change something is asked of proxies, of which there are none here. */
const ofProxies: readonly string[] = [codes.patchNowhere, codes.patchApplied, codes.choosesNone];

interface Mesh {
  readonly file: string;
  readonly text: string;
  readonly settings?: { readonly file: string; readonly text: string };
}

function meshOf(fixture: string): Mesh {
  const text = readFileSync(join(folder, fixture), "utf8");
  const settings = fixture.replace(".bad.", ".mesh.");
  if (!existsSync(join(folder, settings))) return { file: fixture, text };
  return { file: fixture, text, settings: { file: settings, text: readFileSync(join(folder, settings), "utf8") } };
}

function putAll({ settings }: Mesh, resources: readonly Resource[]) {
  const config = settings === undefined ? [] : [meshConfigObject({ ...settings, found: false })];
  return apply(
    empty,
    // One is no older than another: who is applied last loses to nobody.
    [...config, ...resources].map((resource) => ({ put: { ...resource, createdAt: 1000 } })),
  );
}

const said = (code: string, about: string, field: string) => `${code} ${about} ${field}`;
const ofDiagnostic = ({ code, about, path = [] }: Diagnostic) =>
  said(code, about === undefined ? "" : formatRef(about), formatPath(path));

/** What the console's page shows: what reading refused or warned of, and what the analysers find. */
function inConsole(mesh: Mesh): readonly Diagnostic[] {
  const { resources, diagnostics } = parseText(mesh.file, mesh.text, judge);
  return [...diagnostics, ...analyze(new Tracker(putAll(mesh, resources)))];
}

function inFiles({ file, text, settings }: Mesh): readonly string[] {
  const { findings } = analyzeFiles({
    ...{ inputs: [{ file, text, found: false }], background: [], cluster: "mesh", validate: judge, only: [] },
    ...(settings === undefined ? {} : { meshConfig: { ...settings, found: false } }),
  });
  const own = findings.filter(({ code }) => !ofProxies.includes(code));
  return own.map(({ code, origin, field = "" }) => said(code, origin, field));
}

/** What `kubectl apply` of one object says, the others being there: the codes. */
function inWebhook(mesh: Mesh, object: unknown, others: readonly Resource[]): readonly string[] {
  const review = readReview({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "1", operation: "CREATE", kind: gvkOf(object), object: asOldAs(object) },
  });
  if ("fault" in review) throw new Error(review.fault);
  const origin = { file: "x", line: 0, column: 0 };
  const judgeOne = validation({
    snapshot: () => putAll(mesh, others),
    read: (value) => readObject(value, { ...origin, at: "x", locate: () => origin }, judge),
    elapsed: () => 0,
  });
  const { refused = "", warnings } = judgeOne(review);
  return [...refused.split("\n"), ...warnings].filter((line) => line !== "").map((line) => line.split(" ", 1)[0] ?? "");
}

function asOldAs(object: unknown): unknown {
  const { metadata, ...rest } = object as { readonly metadata?: object };
  return { ...rest, metadata: { ...metadata, creationTimestamp: "1970-01-01T00:00:01Z" } };
}

function gvkOf(object: unknown) {
  const { apiVersion = "", kind = "" } = object as { readonly apiVersion?: string; readonly kind?: string };
  const slash = apiVersion.lastIndexOf("/");
  return { group: slash < 0 ? "" : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

const credential = (path: string) => path.toLowerCase().includes("credentialname");

test.each(fixtures)("%s is told of alike in files, in the console and by the webhook", (fixture) => {
  const mesh = meshOf(fixture);
  const { resources, refused } = parseText(mesh.file, mesh.text, judge);
  const shown = inConsole(mesh);
  const isRefused = new Set(refused.map(formatRef));
  // Files are looked at whole even where a rule refuses an object; a mesh has only what it took.
  if (refused.length === 0) expect(new Set(inFiles(mesh))).toEqual(new Set(shown.map(ofDiagnostic)));
  else
    expect(inFiles(mesh)).toEqual(
      expect.arrayContaining(shown.filter((d) => d.about && isRefused.has(formatRef(d.about))).map(ofDiagnostic)),
    );

  const objects = parseAllDocuments(mesh.text, { version: "1.1" }).map((d) => d.toJS() as unknown);
  for (const object of objects) {
    if (!/(^|\.)(istio\.io|gateway\.networking\.k8s\.io|weft\.dev)$/.test(gvkOf(object).group)) continue;
    const { resource } = readObject(
      object,
      { file: "x", line: 0, column: 0, at: "x", locate: () => ({ file: "x", line: 0, column: 0 }) },
      judge,
    );
    if (resource === undefined) continue;
    const name = formatRef(resource);
    const own = shown.filter((d) => d.about !== undefined && formatRef(d.about) === name);
    const expected = own
      .filter((d) =>
        isRefused.has(name) ? d.level === "Error" : d.level !== "Info" && !credential(formatPath(d.path ?? [])),
      )
      .map((d) => [d.code, ...(d.also ?? [])].join("/"));
    const others = resources.filter((r) => formatRef(r) !== name || r.type !== resource.type);
    expect({ name, told: [...new Set(inWebhook(mesh, object, others))].sort() }).toEqual({
      name,
      told: [...new Set(expected)].sort(),
    });
  }
});
