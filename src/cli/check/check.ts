import type { Found } from "../../api/checks/found.ts";
import type { CheckResult } from "../../api/contract/check.ts";
import { CliError } from "../exit.ts";

export interface Check {
  readonly name: string;
  /** Several findings become several lines. Rejecting is failing; a CliError's fix is the hint. */
  run(): Promise<Found | readonly Found[] | undefined>;
  /** Where it fails nothing after it can be told. */
  readonly fatal?: boolean;
}

export interface Category {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** Runs the checks in their order; after a fatal one that failed the rest is skipped. Each result is told as soon as it is there. */
export async function runChecks(
  categories: readonly Category[],
  tell: (result: CheckResult) => void,
): Promise<readonly CheckResult[]> {
  const all: CheckResult[] = [];
  const add = (result: CheckResult) => {
    all.push(result);
    tell(result);
  };
  let ended: string | undefined;
  for (const { name: category, checks } of categories)
    for (const check of checks) {
      const base = { category, name: check.name };
      if (ended !== undefined) {
        add({ ...base, outcome: "skipped", says: `not asked, as "${ended}" failed` });
        continue;
      }
      const found = await outcomeOf(check);
      if (found.length === 0) add({ ...base, outcome: "ok" });
      for (const one of found) add({ ...base, ...one });
      if (check.fatal && found.some((one) => one.outcome === "failed")) ended = check.name;
    }
  return all;
}

async function outcomeOf(check: Check): Promise<readonly Found[]> {
  try {
    const found = await check.run();
    return found === undefined ? [] : "outcome" in found ? [found] : found;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [{ outcome: "failed", says: error.message, ...(error.fix === undefined ? {} : { hint: error.fix }) }];
  }
}
