import { createRequire } from "node:module";
import type { RE2 } from "re2-wasm";
import { programSize } from "./re2-size.ts";

/** A user's regular expression, run by RE2 as Envoy does. */
export interface Re2 {
  /** Whether it matches somewhere in the text. */
  finds(text: string): boolean;
  /** Whether it matches the whole text, as Envoy's `safe_regex` wants it. */
  matches(text: string): boolean;
  /** Gives its memory back; it answers no more. Of patterns that come and go: nobody else collects it. */
  release(): void;
}

/** The most characters that a pattern may have: Istio's own limit. */
export const maxPattern = 1024;

/** Why RE2 refuses a pattern, in its own words (`missing ]: [a`), or undefined where it takes it. V8's RegExp never sees the pattern. */
export function re2Fault(pattern: string): string | undefined {
  const known = faults.get(pattern);
  if (known !== undefined) return known === "" ? undefined : known;
  const fault = untranslatedEscape(pattern) ?? sizeFault(pattern) ?? compileFault(pattern);
  if (faults.size >= 10_000) faults.clear();
  faults.set(pattern, fault ?? "");
  return fault;
}

/** Compiles a pattern that `re2Fault` has passed; throws SyntaxError for another. */
export function compileRe2(pattern: string): Re2 {
  const part = new (engine())(pattern, "u");
  const whole = new (engine())(`^(?:${pattern})$`, "u");
  return {
    finds: (text) => part.test(text),
    matches: (text) => whole.test(text),
    release: () => {
      release(part);
      release(whole);
    },
  };
}

/** Patterns seen before: the same few come back with every save. A pure function's memory; "" is a pattern that is fine. */
const faults = new Map<string, string>();

/** Loaded when the first pattern comes: it takes 27 ms. */
let loaded: typeof RE2 | undefined;

const require = createRequire(import.meta.url);

function engine(): typeof RE2 {
  loaded ??= (require("re2-wasm") as { RE2: typeof RE2 }).RE2;
  return loaded;
}

/** One whose memory ran out never answers again: the next pattern gets a new one. */
function startAgain(): string {
  for (const file of Object.keys(require.cache)) if (file.includes("/re2-wasm/")) delete require.cache[file];
  loaded = undefined;
  return "pattern too large: RE2 ran out of memory";
}

/** Envoy takes no pattern of a larger program (`re2.max_program_size.error_level`), and none of the resource around it. Istio's own limit. */
const maxProgram = 32_768;

function sizeFault(pattern: string): string | undefined {
  return programSize(pattern) > maxProgram ? `pattern too large: more than ${maxProgram} instructions` : undefined;
}

function compileFault(pattern: string): string | undefined {
  try {
    release(new (engine())(pattern, "u"));
    return undefined;
  } catch (error) {
    // What WebAssembly throws when its memory cannot grow.
    if ((error as Error).name === "RuntimeError") return startAgain();
    // `Invalid regular expression: /[/u: missing ]: [`
    return (error as Error).message.replace(/^Invalid regular expression: /, "").slice(`/${pattern}/u: `.length);
  }
}

/** Memory on the other side of WebAssembly is nobody's to collect. */
function release(compiled: RE2): void {
  (compiled as unknown as { wrapper?: { delete?: () => void } }).wrapper?.delete?.();
}

/** JavaScript's `\u0041` and `\cA`, which the binding would translate and Envoy's RE2 refuses. */
function untranslatedEscape(pattern: string): string | undefined {
  for (let at = pattern.indexOf("\\"); at >= 0; at = pattern.indexOf("\\", at + 2)) {
    const next = pattern[at + 1];
    if (next === "u" || next === "c") return `invalid escape sequence: \\${next}`;
  }
  return undefined;
}
