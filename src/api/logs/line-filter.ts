import { compileRe2, type Re2, re2Fault } from "../../std/re2.ts";
import { Refusal } from "../http/answer.ts";
import { flagOf } from "../http/route.ts";

/** Which lines of a log are wanted. */
export interface LineFilter {
  keeps(line: string): boolean;
  /** It is not needed any more. */
  close(): void;
}

/** A text of this length at most: it stands in an address. */
const mostText = 1024;

/**
 * Reads `?show=`, `?hide=` (texts, in capitals or not) and `&regex` (they are RE2 patterns). Throws 400 for what RE2 refuses. Undefined: all lines are
 * wanted.
 */
export function lineFilterOf(query: URLSearchParams): LineFilter | undefined {
  const [show, hide] = ["show", "hide"].map((name) => textOf(query, name));
  if (show === "" && hide === "") return undefined;
  const patterns: Re2[] = [];
  const findsOf = (text: string): ((line: string) => boolean) => {
    if (!flagOf(query, "regex")) {
      const wanted = text.toLowerCase();
      return (line) => line.toLowerCase().includes(wanted);
    }
    const pattern = compileRe2(text);
    patterns.push(pattern);
    return (line) => pattern.finds(line);
  };
  const shows = show ? findsOf(show) : () => true;
  const hides = hide ? findsOf(hide) : () => false;
  return {
    keeps: (line) => shows(line) && !hides(line),
    close: () => {
      for (const pattern of patterns) pattern.release();
    },
  };
}

function textOf(query: URLSearchParams, name: string): string {
  const text = query.get(name) ?? "";
  if (text.length > mostText)
    throw new Refusal(400, `${name}: it is longer than ${mostText} characters`, "search for less");
  const fault = text !== "" && flagOf(query, "regex") ? re2Fault(text) : undefined;
  if (fault === undefined) return text;
  throw new Refusal(400, `${name}: RE2 does not take it: ${fault}`, "mend the pattern, or search for a text");
}
