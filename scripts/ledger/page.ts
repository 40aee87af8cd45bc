import { type Judgement, ledgerOf, type Row } from "../../src/gen/ledger.ts";

const marked = /<!-- fields of (\S+) -->\n[\s\S]*?<!-- end -->/g;

/** The page of compatibility with its tables made anew; what stands around them is written by hand. */
export function withTables(page: string): string {
  return page.replace(marked, (_, type: string) => `<!-- fields of ${type} -->\n${table(type)}\n<!-- end -->`);
}

/** Types that have a table on a page. */
export function tabledTypes(page: string): readonly string[] {
  return [...page.matchAll(marked)].map((match) => match[1] as string);
}

/** What is said of a field, in the words of the page. */
function words(said: Judgement): string {
  if (said.verdict === "done")
    return said.differs !== undefined
      ? `differs: ${said.differs}`
      : said.note !== undefined
        ? `works: ${said.note}`
        : "works";
  const verdict = { inert: "no effect", aside: "no effect", refused: "refused", later: "not yet" }[said.verdict];
  return `${verdict}: ${said.why}${said.fix === undefined ? "" : `; ${said.fix}`}`;
}

function table(type: string): string {
  const lines = shown(ledgerOf(type)).flatMap(linesOf);
  const grouped = lines.reduce<(readonly [string[], string])[]>((all, [field, text]) => {
    const last = all.at(-1);
    if (last !== undefined && last[1] === text) last[0].push(field);
    else all.push([[field], text]);
    return all;
  }, []);
  const rows = grouped.map(([fields, text]) => `| ${fields.join(", ")} | ${text.replaceAll("|", "\\|")} |`);
  return ["| field | |", "| --- | --- |", ...rows].join("\n");
}

/** Rows without those below a field that has the same shared rows as an earlier one. */
function shown(rows: readonly Row[]): readonly (Row & { readonly like?: string })[] {
  const first = new Map<string, string>();
  const hidden: string[] = [];
  return rows.flatMap((row) => {
    if (hidden.some((above) => row.path.startsWith(`${above}.`))) return [];
    if (row.as === undefined) return [row];
    const earlier = first.get(row.as);
    if (earlier === undefined || !rows.some((r) => r.path.startsWith(`${earlier}.`))) {
      first.set(row.as, row.path);
      return row.judgement === undefined ? [] : [row];
    }
    hidden.push(row.path);
    return [{ ...row, like: earlier }];
  });
}

function linesOf(row: Row & { readonly like?: string }): readonly (readonly [string, string])[] {
  const name = nameOf(row.path);
  const special = [
    ...Object.entries(row.values ?? {}).map(([value, said]) => [`${name}: \`${value}\``, words(said)] as const),
    ...Object.entries(row.keys ?? {}).map(([key, said]) => [`${name} with \`${key}\``, words(said)] as const),
  ];
  if (row.like !== undefined) return [[name, `as ${nameOf(row.like)}`], ...special];
  return row.judgement === undefined ? special : [[name, words(row.judgement)], ...special];
}

function nameOf(path: string): string {
  if (path === "spec") return "all others";
  const metadata = /^metadata\.(label|annotation)s\.(.+)$/.exec(path);
  return metadata !== null ? `${metadata[1]} \`${metadata[2]}\`` : `\`${path.replace(/^spec\./, "")}\``;
}
