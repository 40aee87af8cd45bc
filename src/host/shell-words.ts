/**
 * The words of a command line, as a shell would split them: quotes and backslashes are honoured, nothing is expanded and no shell runs.
 * Undefined for an open quote or a trailing backslash.
 */
export function shellWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string;
    if (c === "'" || c === '"') {
      const end = closing(line, i);
      if (end < 0) return undefined;
      const inside = line.slice(i + 1, end);
      word = (word ?? "") + (c === '"' ? inside.replace(/\\(["\\$`])/g, "$1") : inside);
      i = end;
    } else if (c === "\\") {
      if (++i >= line.length) return undefined;
      word = (word ?? "") + line[i];
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + c;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function closing(line: string, open: number): number {
  const quote = line[open];
  for (let i = open + 1; i < line.length; i++) {
    if (quote === '"' && line[i] === "\\") i++;
    else if (line[i] === quote) return i;
  }
  return -1;
}
