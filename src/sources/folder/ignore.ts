/** Says whether a path relative to the watched folder (with `/`) is left out. */
export type Ignore = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly parts: readonly string[];
  readonly anchored: boolean;
  readonly folderOnly: boolean;
  readonly keep: boolean;
}

/**
 * The rules of a `.weftignore`: gitignore's patterns, one a line. `#` begins a comment, `!` takes a path back in, a `/` inside anchors the pattern to the folder,
 * a trailing `/` means folders only, `*` and `?` stay within a name, `**` crosses names. Later lines win.
 */
export function readIgnore(text: string): Ignore {
  const rules = text.split(/\r?\n/).flatMap(ruleOf);
  if (rules.length === 0) return () => false;
  return (path, isFolder) => {
    const names = path.split("/");
    let ignored = false;
    for (const rule of rules) {
      if (rule.folderOnly && !isFolder) continue;
      if (matches(rule, names)) ignored = !rule.keep;
    }
    return ignored;
  };
}

function ruleOf(line: string): Rule[] {
  let pattern = line.replace(/(?<!\\)\s+$/, "");
  if (pattern === "" || pattern.startsWith("#")) return [];
  const keep = pattern.startsWith("!");
  if (keep) pattern = pattern.slice(1);
  const folderOnly = pattern.endsWith("/");
  if (folderOnly) pattern = pattern.slice(0, -1);
  const anchored = pattern.includes("/");
  const parts = pattern.replace(/^\//, "").split("/");
  return pattern === "" ? [] : [{ parts, anchored, folderOnly, keep }];
}

function matches(rule: Rule, names: readonly string[]): boolean {
  if (!rule.anchored) return matchName(rule.parts[0] ?? "", names.at(-1) ?? "");
  return matchParts(rule.parts, names);
}

function matchParts(parts: readonly string[], names: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return names.length === 0;
  if (part === "**") {
    if (rest.length === 0) return names.length > 0;
    return names.some((_, i) => matchParts(rest, names.slice(i)));
  }
  const [name, ...others] = names;
  return name !== undefined && matchName(part, name) && matchParts(rest, others);
}

/** `*` and `?` in linear time: on a mismatch only the last `*` is widened. */
function matchName(pattern: string, name: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let n = 0; n < name.length; ) {
    if (pattern[p] === "\\" && pattern[p + 1] === name[n]) {
      p += 2;
      n++;
    } else if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (pattern[p] === "?" || pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
