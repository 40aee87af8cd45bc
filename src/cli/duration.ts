import { CliError, exitCodes } from "./exit.ts";

/** Milliseconds of `30s`, `500ms`, `2m`, `1h`, `30d`; a bare number is seconds. Throws a usage error. */
export function parseDuration(flag: string, text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  if (parts === null)
    throw new CliError(exitCodes.usage, `${flag} ${text}: not a duration`, 'write it like "30s", "500ms" or "2m"');
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[parts[2] ?? "s"] ?? 1000;
  return Number(parts[1]) * unit;
}

/** A whole number within bounds. Throws a usage error. */
export function parseNumber(flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new CliError(exitCodes.usage, `${flag} ${text}: not a number from ${least} to ${most}`);
}

/** `5s`, `3m`, `2h`, `4d`: an age as kubectl writes it. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
