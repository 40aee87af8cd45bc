import { operands } from "./operands.ts";

const names = [...operands.map((o) => o.names[0]), "label:"].sort();

/** What the last word of an expression may become: names that begin with it. Empty where the last word is a value. */
export function completions(text: string): readonly string[] {
  const { before, word } = split(text);
  if (word === "" || /([=<>]|\b(contains|startswith|endswith))\s*$/i.test(before)) return [];
  return names.filter((name) => name.startsWith(word.toLowerCase())).map((name) => before + name);
}

/** The completion after this one, around and around; `typed` is what was there before the first Tab. */
export function nextCompletion(typed: string, shown: string): string | undefined {
  const all = completions(typed);
  return all[(all.indexOf(shown) + 1) % all.length];
}

function split(text: string): { readonly before: string; readonly word: string } {
  const word = /[^\s!()=<>]*$/.exec(text)?.[0] ?? "";
  return { before: text.slice(0, text.length - word.length), word };
}
