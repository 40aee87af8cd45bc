import { stringify } from "yaml";
import { callerOf } from "./access.ts";
import type { Learned, LearnedOperation } from "./learn.ts";

/** What a learned policy rests on. */
export interface Coverage {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
  /** Requests that the workload's metrics counted in that time; absent where nobody knows. */
  readonly counted?: number;
  /** Records that were lost: of paths there was no room for, or of times that were too busy. */
  readonly lost: number;
}

/** A learned policy as YAML, with its coverage in comments. */
export function learnedYaml(learned: Learned, coverage: Coverage, enforced: boolean): string {
  const { namespace, name, labels, rules } = learned;
  const object = {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace, ...(enforced ? {} : { annotations: { "istio.io/dry-run": "true" } }) },
    spec: {
      ...(Object.keys(labels).length === 0 ? {} : { selector: { matchLabels: labels } }),
      action: "ALLOW",
      rules: rules.map(({ principals, operations }) => ({
        from: [{ source: { principals } }],
        to: operations.map((operation) => ({ operation: operationOf(operation) })),
      })),
    },
  };
  return [...comments(learned, coverage).map((line) => `# ${line}\n`), stringify(object, { lineWidth: 0 })].join("");
}

function operationOf({ port, methods, paths }: LearnedOperation): Readonly<Record<string, readonly string[]>> {
  return {
    ...(methods.length === 0 ? {} : { methods }),
    ...(paths.length === 0 ? {} : { paths }),
    ports: [String(port)],
  };
}

function comments(
  { seen, nobody, nothing, refused }: Learned,
  { since, until, counted, lost }: Coverage,
): readonly string[] {
  const time = (at: number) => new Date(at).toISOString().slice(0, 19);
  const total = Math.max(0, (counted ?? 0) - refused);
  // Metrics come a few seconds later: of a short time they know less than was told.
  const share = total < seen + nothing ? undefined : (seen + nothing) / total;
  const plain = [...new Map(nobody.map((entry) => [callerOf(entry), entry])).values()];
  return [
    `Learned from ${seen} requests and connections between ${time(since)}Z and ${time(until)}Z.`,
    ...(share === undefined
      ? []
      : [
          `That is ${(share * 100).toFixed(share < 0.999 ? 1 : 0)} % of about ${Math.round(total)} that were counted and not refused.`,
        ]),
    ...(lost === 0 ? [] : [`Lost, in the whole mesh: ${lost} records, so that rare requests may be missing.`]),
    ...(nothing === 0 ? [] : [`Left out: ${nothing} requests that were answered with 404, 405 or 410.`]),
    ...plain.map(
      (entry) =>
        `Not allowed, as it shows no certificate: ${oneLine(callerOf(entry))} (${entry.count} times, port ${entry.port}).`,
    ),
  ];
}

/** What was observed stays in its comment. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
