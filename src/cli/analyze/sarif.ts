import { createHash } from "node:crypto";
import { relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { explainedCodes } from "../../analysis/explanations.ts";
import { placeOf, type Report, sentence } from "./report.ts";
import type { Reported } from "./reported.ts";

const levels = { Error: "error", Warning: "warning", Info: "note" } as const;

/** The findings as a SARIF 2.1.0 log. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function sarif({ findings, version, cwd }: Report): unknown {
  const known = new Map(explainedCodes().map((one) => [one.code, one]));
  const ids = [...new Set(findings.map((finding) => finding.code))].sort();
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "weft", semanticVersion: version, rules: ids.map((id) => rule(id, findings, known.get(id))) },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => result(finding, ids.indexOf(finding.code), cwd)),
      },
    ],
  };
}

function rule(
  id: string,
  findings: readonly Reported[],
  known: { readonly title: string; readonly text: string } | undefined,
) {
  const level = findings.find((finding) => finding.code === id)?.level ?? "Warning";
  return {
    id,
    ...(known === undefined
      ? {}
      : { shortDescription: { text: known.title }, fullDescription: { text: known.text || known.title } }),
    help: { text: `weft explain ${id}` },
    defaultConfiguration: { level: levels[level] },
  };
}

function result(finding: Reported, ruleIndex: number, cwd: string) {
  const place = placeOf(finding);
  const physical = place && {
    physicalLocation: {
      artifactLocation: artifact(place.file, cwd),
      region: { startLine: place.line, startColumn: place.column },
    },
  };
  const logical = { logicalLocations: [{ fullyQualifiedName: finding.origin, kind: "object" }] };
  return {
    ruleId: finding.code,
    ruleIndex,
    level: levels[finding.level],
    message: { text: sentence(finding) },
    locations: [{ ...physical, ...(finding.origin === "" ? {} : logical) }],
    partialFingerprints: { "weft/v1": fingerprint(finding) },
  };
}

/** Relative to the folder that the program runs in (a checkout's root), where it is below it. */
function artifact(file: string, cwd: string) {
  const path = relative(cwd, resolve(cwd, file));
  if (path.startsWith("..")) return { uri: pathToFileURL(resolve(cwd, file)).href };
  return { uri: path.split(sep).map(encodeURIComponent).join("/"), uriBaseId: "%SRCROOT%" };
}

/** The same finding after lines were added above it is the same. */
function fingerprint({ code, origin, field, message }: Reported): string {
  return createHash("sha256")
    .update([code, origin, field ?? "", message].join("\0"))
    .digest("hex")
    .slice(0, 32);
}
