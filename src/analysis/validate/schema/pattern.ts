import { compileRe2 } from "../../../std/re2.ts";

/** Texts up to here are matched by V8, which is faster; some of the definitions' patterns take it a time that grows as the square of the text. */
const shortText = 512;

const known = new Map<string, (text: string) => boolean>();

/** Whether a text matches a definition's own pattern, which Kubernetes has RE2 match. Longer texts have RE2 here, too: they may be meant to take long. */
export function patternOf(source: string): (text: string) => boolean {
  const found = known.get(source);
  if (found !== undefined) return found;
  // V8 does not know RE2's inline flags.
  const short = /\(\?[a-zA-Z]/.test(source) ? undefined : new RegExp(source);
  let long: ReturnType<typeof compileRe2> | undefined;
  const matches = (text: string) => {
    if (short !== undefined && text.length <= shortText) return short.test(text);
    long ??= compileRe2(source);
    return long.finds(text);
  };
  known.set(source, matches);
  return matches;
}
