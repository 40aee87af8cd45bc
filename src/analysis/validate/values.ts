import { codes } from "../../model/codes.ts";
import { maxPattern, re2Fault } from "../../std/re2.ts";
import type { Findings } from "./finding.ts";

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** A duration in Go's form (`1.5s`, `1h30m`) in nanoseconds, or undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([-+]?)((?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (!match) return /^[-+]?0$/.test(text) ? 0 : undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(number) * (units[unit as string] ?? 0);
  return match[1] === "-" ? -total : total;
}

/** Checks a duration as Istio does: at least 1 ms, in whole milliseconds. */
export function checkDuration(text: string | undefined, found: Findings): void {
  if (text === undefined) return;
  const nanos = parseDuration(text);
  const write = 'write for example "5s" or "250ms"';
  if (nanos === undefined) found.error(`"${text}" is not a duration`, write, codes.badDuration);
  else if (nanos < 1e6) found.error(`"${text}": duration must be greater than 1ms`, write, codes.badDuration);
  else if (nanos % 1e6 !== 0)
    found.error(`"${text}": only durations to ms precision are supported`, write, codes.badDuration);
}

/** Checks a user's regular expression by RE2. `where` is how Istio names the field. */
export function checkRegex(pattern: string, where: string, found: Findings): void {
  if (pattern.length > maxPattern) {
    found.error(
      `"${where}": regex is too large, max length allowed is ${maxPattern}`,
      "write a shorter one, or several matches",
      codes.badRegex,
    );
    return;
  }
  const fault = re2Fault(pattern);
  if (fault !== undefined) {
    const fix = /\(\?[=!<]/.test(fault)
      ? "RE2 has no lookaround: write it without"
      : "write it in RE2's syntax (github.com/google/re2/wiki/Syntax)";
    found.error(`"${where}": RE2 refuses "${pattern}": ${fault}`, fix, codes.badRegex);
  }
}

/** exact, prefix or regex. */
export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

/** Checks a match whose prefix may not be empty. */
export function checkStringMatch(match: StringMatch | undefined, where: string, found: Findings): void {
  if (match?.prefix === "")
    found
      .at("prefix")
      .error(`"${where}": prefix string match should not be empty`, "write a prefix, or leave the match out");
  checkRegexMatch(match, where, found);
}

/** Checks only a match's regex; a uri may have an empty prefix. */
export function checkRegexMatch(match: StringMatch | undefined, where: string, found: Findings): void {
  if (match?.regex === undefined) return;
  if (match.regex === "")
    found.at("regex").error(`"${where}": regex string match should not be empty`, 'write ".*" to match all');
  else checkRegex(match.regex, where, found.at("regex"));
}

/** 0 to 100. */
export function checkPercent(value: number | undefined, found: Findings): void {
  if (value !== undefined && (value < 0 || value > 100))
    found.error(`percentage ${value} is not in range 0..100`, "write a number from 0 to 100");
}

/** 0, or 0.0001 to 100: Envoy counts in millionths. */
export function checkFraction(value: number | undefined, found: Findings): void {
  if (value === undefined) return;
  if (value < 0 || value > 100 || (value > 0 && value < 0.0001)) {
    found.error(`percentage ${value} is neither 0.0, nor in range [0.0001, 100.0]`, "write a number from 0 to 100");
  }
}
