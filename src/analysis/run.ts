import type { Diagnostic } from "../model/diagnostic.ts";
import type { Step } from "../track/scope.ts";
import { analyzers } from "./analyzers/list.ts";
import type { Analyzer, Finding } from "./finding.ts";
import { istioText } from "./messages.ts";

/** Whoever answers steps: a tracker. */
export interface Asked {
  ask<T>(step: Step<T>, key: string): T;
}

/** What one analyser found, or that it failed. */
export interface Ran {
  readonly found: readonly Finding[];
  readonly fault?: Diagnostic;
}

/** The analysers that run where none is named. */
export const usual: readonly Analyzer[] = analyzers.filter((analyzer) => !analyzer.optional);

/** Runs one analyser. A fault of its own (Istio's "internal error") is told and harms none of the others. */
export function run(mesh: Asked, { name, step }: Pick<Analyzer, "name" | "step">): Ran {
  try {
    return { found: mesh.ask(step, "") };
  } catch (error) {
    const message = istioText("IST0001", [`${name}: ${error instanceof Error ? error.message : String(error)}`]);
    const fix = "this is a fault of Weft's: report it, with the objects; all other checks go on";
    return { found: [], fault: { code: "IST0001", level: "Error", message, fix } };
  }
}
