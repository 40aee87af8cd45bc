import { stringify } from "yaml";
import type { Applied } from "../../install/apply.ts";
import { type KubeObject, nameOf } from "../../install/object.ts";

/** Unified differences of what an installation changes, in the order of its objects; without what the API server keeps for itself. */
export function diffOf(applied: readonly Applied[], removed: readonly KubeObject[]): string {
  const changed = applied.filter(({ change }) => change !== "unchanged");
  const parts = [
    ...changed.map(({ object, before, after }) => oneDiff(object, before, after ?? object)),
    ...removed.map((object) => oneDiff(object, object, undefined)),
  ];
  return parts.join("");
}

function oneDiff(object: KubeObject, before: KubeObject | undefined, after: KubeObject | undefined): string {
  const name = nameOf(object);
  const lines = difference(linesOf(before), linesOf(after));
  return `--- ${before === undefined ? "/dev/null" : name}\n+++ ${after === undefined ? "/dev/null" : name}\n${hunks(lines)}`;
}

function linesOf(object: KubeObject | undefined): readonly string[] {
  if (object === undefined) return [];
  const { status: _, metadata, ...rest } = object;
  const { managedFields, resourceVersion, generation, uid, creationTimestamp, ...said } = metadata;
  const text = stringify(
    { ...rest, metadata: said },
    { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false },
  );
  return text.trimEnd().split("\n");
}

type Line = readonly [mark: " " | "-" | "+", text: string];

/** By the longest common subsequence, of what is between equal beginnings and ends. */
function difference(before: readonly string[], after: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail++;
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  const same = (text: string): Line => [" ", text];
  return [...before.slice(0, head).map(same), ...middle(a, b), ...before.slice(before.length - tail).map(same)];
}

function middle(a: readonly string[], b: readonly string[]): readonly Line[] {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? 1 + (longest[(i + 1) * width + j + 1] ?? 0)
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([" ", a[i++] as string]);
      j++;
    } else if (
      j >= b.length ||
      (i < a.length && (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))
    )
      lines.push(["-", a[i++] as string]);
    else lines.push(["+", b[j++] as string]);
  }
  return lines;
}

/** Lines around changes are shown, three each way. */
const around = 3;

function hunks(lines: readonly Line[]): string {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - around), i + around + 1).some(([mark]) => mark !== " "));
  let [old, now] = [1, 1];
  let text = "";
  lines.forEach(([mark, line], i) => {
    if (near[i] && !near[i - 1]) {
      const end = near.indexOf(false, i);
      const part = lines.slice(i, end < 0 ? undefined : end);
      const count = (without: string) => part.filter(([m]) => m !== without).length;
      text += `@@ -${range(old, count("+"))} +${range(now, count("-"))} @@\n`;
    }
    if (near[i]) text += `${mark}${line}\n`;
    if (mark !== "+") old++;
    if (mark !== "-") now++;
  });
  return text;
}

/** Where there is no line, the one before is named. */
function range(start: number, count: number): string {
  return `${count === 0 ? start - 1 : start},${count}`;
}
