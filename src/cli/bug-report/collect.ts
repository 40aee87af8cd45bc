import { CliError } from "../exit.ts";
import { redactText, redactValue } from "./redact.ts";

/** What a report holds so far. Everything goes through the redactor on its way in. */
export interface Collection {
  /** Runs a step; what it could not get is noted, and the others go on. */
  step(what: string, run: () => Promise<void>): Promise<void>;
  text(path: string, content: string): void;
  /** As JSON. */
  value(path: string, content: unknown): void;
  readonly files: ReadonlyMap<string, string>;
  /** `logs of shop/reviews-v1: forbidden`. */
  readonly missing: readonly string[];
}

/** An empty one. Texts that would make it larger than `maxBytes` are left out, and said to be missing. `progress` hears of each step. */
export function collection(maxBytes: number, progress: (what: string) => void): Collection {
  const files = new Map<string, string>();
  const missing: string[] = [];
  let bytes = 0;
  const add = (path: string, content: string) => {
    const size = Buffer.byteLength(content);
    if (bytes + size > maxBytes) {
      missing.push(`${path}: left out, as the report would be larger than --max-size`);
      return;
    }
    bytes += size;
    files.set(path.replace(/[^\w./@=-]/g, "_"), content);
  };
  return {
    files,
    missing,
    text: (path, content) => add(path, redactText(content)),
    value: (path, content) => add(path, `${JSON.stringify(redactValue(content), null, 1)}\n`),
    async step(what, run) {
      progress(what);
      try {
        await run();
      } catch (error) {
        if (error instanceof CliError && error.exitCode === 130) throw error;
        missing.push(redactText(`${what}: ${(error as Error).message}`));
      }
    },
  };
}
