/** What the address of the page carries: which requests are watched. Texts as `weft tap` takes them. */
export interface TapSearch {
  readonly workload?: string | undefined;
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly status?: string | undefined;
  readonly header?: string | undefined;
  readonly from?: string | undefined;
  readonly verdict?: string | undefined;
}

export const tapFields = ["workload", "from", "method", "path", "status", "header", "verdict"] as const;

export function readTap(search: Readonly<Record<string, unknown>>): TapSearch {
  return Object.fromEntries(
    tapFields.flatMap((name) => {
      const value = search[name];
      return value === undefined || value === "" ? [] : [[name, String(value)]];
    }),
  );
}

/** The question to the control plane. */
export function tapQuery(search: TapSearch, namespaces: readonly string[]): string {
  const query = new URLSearchParams();
  if (namespaces.length > 0) query.set("namespace", namespaces.join(","));
  for (const name of tapFields) {
    const value = search[name];
    if (value !== undefined) query.set(name, value);
  }
  return query.toString();
}

/** The command that shows the same. */
export function tapCommand(search: TapSearch, namespaces: readonly string[]): string {
  const { workload, ...rest } = search;
  const [only] = namespaces;
  const words = [
    "npx weft tap",
    ...(workload === undefined ? [] : [quoted(workload)]),
    ...(only !== undefined && namespaces.length === 1 ? [`-n ${quoted(only)}`] : []),
    ...tapFields.flatMap((name) => {
      const value = name === "workload" ? undefined : rest[name];
      return value === undefined ? [] : [`--${name} ${quoted(value)}`];
    }),
  ];
  return words.join(" ");
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:,=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
