/** Instructions that a piece of a pattern becomes, as far as that can be told from its text. */
const sizes = { unicodeClass: 3000, anyCharacter: 10, negatedClass: 20, escapedClass: 10, beyondAscii: 4 } as const;

/**
 * About how many instructions RE2 makes of a pattern. It must be known before RE2 is asked: `\pL{1000}` would take seconds, and more memory than it
 * has. What is no valid pattern has some size too.
 */
export function programSize(pattern: string): number {
  // The size so far of the group that is open, of those around it, and of what a repetition would repeat.
  const open = [0];
  let last = 0;
  const add = (size: number) => {
    last = size;
    open.push((open.pop() ?? 0) + size);
  };
  for (let at = 0; at < pattern.length; ) {
    const piece = pieceAt(pattern, at);
    at += piece.length;
    if (piece.kind === "open") open.push(0);
    else if (piece.kind === "close" && open.length > 1) add((open.pop() ?? 0) + 2);
    else if (piece.kind === "times") {
      const size = last;
      add(size * Math.max(piece.times - 1, 0));
      last = size * piece.times;
    } else if (piece.kind === "atom") add(piece.size);
  }
  return open.reduce((sum, size) => sum + size, 0);
}

type Piece = { readonly length: number } & (
  | { readonly kind: "open" | "close" }
  | { readonly kind: "atom"; readonly size: number }
  | { readonly kind: "times"; readonly times: number }
);

function pieceAt(pattern: string, at: number): Piece {
  const character = pattern[at] ?? "";
  if (character === "(") return { kind: "open", length: 1 };
  if (character === ")") return { kind: "close", length: 1 };
  if (character === "[") return classAt(pattern, at);
  if (character === "\\") return escapeAt(pattern, at);
  if (character === "{") {
    const [whole, least, most] = /^\{(\d+)(?:,(\d*))?\}/.exec(pattern.slice(at, at + 24)) ?? [];
    if (whole !== undefined)
      return { kind: "times", times: Math.max(Number(least), Number(most ?? 0)), length: whole.length };
  }
  const size = character === "." ? sizes.anyCharacter : character > "\x7f" ? sizes.beyondAscii : 1;
  return { kind: "atom", size, length: 1 };
}

function escapeAt(pattern: string, at: number): Piece {
  const next = pattern[at + 1] ?? "";
  if (next !== "p" && next !== "P")
    return { kind: "atom", size: /[dDwWsSC]/.test(next) ? sizes.escapedClass : 1, length: 2 };
  const end = pattern[at + 2] === "{" ? pattern.indexOf("}", at) : at + 2;
  return { kind: "atom", size: sizes.unicodeClass, length: end < 0 ? 2 : end + 1 - at };
}

function classAt(pattern: string, at: number): Piece {
  let size = pattern[at + 1] === "^" ? sizes.negatedClass : 1;
  // A bracket that comes first stands for itself.
  let end = at + (pattern[at + 1] === "^" ? 2 : 1);
  for (let first = true; end < pattern.length && (first || pattern[end] !== "]"); first = false) {
    const inner = pattern[end] === "\\" ? escapeAt(pattern, end) : undefined;
    size += inner?.kind === "atom" ? inner.size : 1;
    end += inner?.length ?? 1;
  }
  return { kind: "atom", size, length: end + 1 - at };
}
