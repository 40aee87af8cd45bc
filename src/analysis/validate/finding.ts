import { codes } from "../../model/codes.ts";
import type { Diagnostic, Level } from "../../model/diagnostic.ts";
import type { FieldPath } from "../../model/origin.ts";

/** Where one rule is applied: a path, and what was found so far. One `Findings` is made for each object. */
export class Findings {
  readonly path: FieldPath;
  readonly #list: Diagnostic[];

  constructor(path: FieldPath = [], list: Diagnostic[] = []) {
    this.path = path;
    this.#list = list;
  }

  /** All that was found. */
  get diagnostics(): readonly Diagnostic[] {
    return this.#list;
  }

  /** The same collection, further down. */
  at(...steps: FieldPath): Findings {
    return new Findings([...this.path, ...steps], this.#list);
  }

  /** Adds an error. `message` has no full stop; `fix` says how to mend it. */
  error(message: string, fix?: string, code: string = codes.invalid): void {
    this.#add("Error", message, fix, code);
  }

  /** Adds a warning, as Istio's validation gives one. */
  warn(message: string, fix?: string, code: string = codes.warning): void {
    this.#add("Warning", message, fix, code);
  }

  /** Adds what is worth knowing. */
  info(message: string, fix: string | undefined, code: string): void {
    this.#add("Info", message, fix, code);
  }

  #add(level: Level, message: string, fix: string | undefined, code: string): void {
    this.#list.push({ code, level, path: this.path, message, ...(fix === undefined ? {} : { fix }) });
  }
}
