import { plausible } from "./binomial.ts";
import type { Expectation, Got, Wanted } from "./format.ts";
import type { Outcome, Report } from "./mesh/wire.ts";

/** The chance that a right mesh fails one statistical expectation. */
const risk = 1e-9;

/** What is wrong with what came of a step; `got` has the requests of it that each workload got. */
export function faults(
  expect: Expectation,
  outcomes: readonly Outcome[],
  got: ReadonlyMap<string, readonly Report[]>,
): readonly string[] {
  const wrong = outcomes.flatMap((outcome) => {
    const found = faultsOfOne(expect, outcome);
    return found.length === 0 ? [] : [`${found.join("; ")} in ${JSON.stringify(outcome)}`];
  });
  return [...wrong.slice(0, 3), ...shares(expect, outcomes), ...requests(expect.got ?? {}, got, outcomes.length)];
}

function faultsOfOne(expect: Expectation, o: Outcome): string[] {
  const { report } = o;
  const expectsAnswer = expect.error === undefined && expect.share === undefined && expect.counts === undefined;
  return [
    ...(expectsAnswer && o.error !== undefined ? [`there was no answer: ${o.error} (${o.detail})`] : []),
    ...oneOf("status", expect.status, o.status),
    ...oneOf("error", expect.error, o.error),
    ...oneOf("grpc", expect.grpc, o.grpc),
    ...oneOf("by", expect.by, report && shortName(report.workload)),
    ...oneOf("protocol", expect.protocol, o.protocol),
    ...oneOf("messages", expect.messages, o.messages),
    ...oneOf("continued", expect.continued, o.continued ?? false),
    ...all("headers", expect.headers, o.headers),
    ...all("trailers", expect.trailers, o.trailers),
    ...(expect.body === undefined ? [] : one("body", expect.body, o.body)),
    ...tls(expect.tls, o.tls),
    ...saw(expect.saw, report),
    ...time(expect.seconds, o.seconds),
  ];
}

function tls(expect: Expectation["tls"], found: Outcome["tls"]): string[] {
  const { name, ...rest } = expect ?? {};
  const named =
    typeof name === "string" && !found?.names.includes(name)
      ? [`the certificate has ${found?.names}, not ${name}`]
      : [];
  const { names = [], ...told } = found ?? {};
  return [...named, ...all("tls", rest, { ...told, names: [...names].join(", ") })];
}

function saw(expect: Expectation["saw"], report: Report | undefined): string[] {
  return Object.entries(expect ?? {}).flatMap(([key, wanted]) => {
    const found = (report as unknown as Record<string, unknown> | undefined)?.[key];
    if (key === "headers" || key === "trailers")
      return all(`saw.${key}`, wanted as Record<string, Wanted>, (found ?? {}) as Record<string, string>);
    return one(`saw.${key}`, wanted as Wanted, found);
  });
}

function all(
  what: string,
  expect: Readonly<Record<string, Wanted>> | undefined,
  found: Readonly<Record<string, unknown>> = {},
): string[] {
  return Object.entries(expect ?? {}).flatMap(([name, wanted]) =>
    one(`${what}.${name}`, wanted, found[name] ?? found[name.toLowerCase()]),
  );
}

function one(what: string, wanted: Wanted, found: unknown): string[] {
  const is = found === undefined ? "is not there" : `is ${JSON.stringify(found)}`;
  if (wanted === null) return found === undefined ? [] : [`${what} ${is}, and must not be`];
  if (wanted === true && typeof found !== "boolean") return found === undefined ? [`${what} ${is}`] : [];
  if (typeof wanted === "object")
    return new RegExp(wanted.matches, "s").test(String(found ?? "")) ? [] : [`${what} ${is}, not /${wanted.matches}/`];
  return String(found) === String(wanted) ? [] : [`${what} ${is}, not ${JSON.stringify(wanted)}`];
}

function oneOf<T>(what: string, wanted: T | readonly T[] | undefined, found: T | undefined): string[] {
  if (wanted === undefined) return [];
  const choices = Array.isArray(wanted) ? (wanted as readonly T[]) : [wanted as T];
  return choices.includes(found as T) ? [] : [`${what} is ${found}, not ${choices.join(" or ")}`];
}

function time(expect: Expectation["seconds"], found: number): string[] {
  const { least = 0, most = Number.POSITIVE_INFINITY } = expect ?? {};
  // A proxy's clock stands still for a turn of its loop, so its timers may be some milliseconds early.
  return found < least - 0.02 || found > most ? [`it took ${found.toFixed(3)} s, not ${least} to ${most}`] : [];
}

/** Who answered, or how it failed: what shares and counts are of. */
function kindOf(o: Outcome): string {
  if (o.error !== undefined) return o.error;
  if (o.grpc !== undefined && o.grpc !== 0) return `grpc ${o.grpc}`;
  return o.report && o.status !== undefined && o.status >= 200 && o.status < 300
    ? shortName(o.report.workload)
    : String(o.status ?? (o.report && shortName(o.report.workload)));
}

function shares(expect: Expectation, outcomes: readonly Outcome[]): string[] {
  const kinds = Map.groupBy(outcomes, kindOf);
  const told = [...kinds].map(([kind, { length }]) => `${kind}: ${length}`).join(", ");
  const entries = Object.entries(expect.share ?? {});
  const unlikely = entries.flatMap(([kind, share]) => {
    const count = kinds.get(kind)?.length ?? 0;
    const fine = plausible(count, outcomes.length, share, risk / entries.length);
    return fine ? [] : [`${count} of ${outcomes.length} are ${kind}, not ${share} of them (${told})`];
  });
  const whole = entries.reduce((sum, [, share]) => sum + share, 0);
  const others = whole > 0.9999 ? [...kinds.keys()].filter((kind) => !(kind in (expect.share ?? {}))) : [];
  const miscounted = Object.entries(expect.counts ?? {}).flatMap(([kind, wanted]) => {
    const count = kinds.get(kind)?.length ?? 0;
    const { least, most } =
      typeof wanted === "number"
        ? { least: wanted, most: wanted }
        : { least: wanted.least ?? 0, most: wanted.most ?? Number.POSITIVE_INFINITY };
    return count < least || count > most ? [`${count} are ${kind}, not ${JSON.stringify(wanted)} (${told})`] : [];
  });
  const differ = expect.same === "by" && kinds.size !== 1 ? [`not the same answered all: ${told}`] : [];
  return [...unlikely, ...others.map((kind) => `nobody expects ${kind} (${told})`), ...miscounted, ...differ];
}

function requests(
  expect: Readonly<Record<string, Got>>,
  got: ReadonlyMap<string, readonly Report[]>,
  calls: number,
): string[] {
  return Object.entries(expect).flatMap(([who, wanted]) => {
    const reports = got.get(who) ?? [];
    const { times, least, most, share, saw: looks } = typeof wanted === "number" ? { times: wanted } : { ...wanted };
    return [
      ...(times !== undefined && reports.length !== times
        ? [`${who} got ${reports.length} requests, not ${times}`]
        : []),
      ...(least !== undefined && reports.length < least ? [`${who} got ${reports.length} requests of ${least}`] : []),
      ...(most !== undefined && reports.length > most
        ? [`${who} got ${reports.length} requests, not at most ${most}`]
        : []),
      ...(share !== undefined && !plausible(reports.length, calls, share, risk)
        ? [`${who} got ${reports.length} of ${calls} requests, not ${share} of them`]
        : []),
      ...reports.flatMap((report) => saw(looks, report)).slice(0, 3),
    ];
  });
}

/** `echo-v1` for `default/echo-v1`. */
function shortName(workload: string): string {
  return workload.replace(/^default\//, "");
}
