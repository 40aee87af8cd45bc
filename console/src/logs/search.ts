/** Whose lines can be shown. */
export const sources = ["application", "proxy", "spans"] as const;
export type Source = (typeof sources)[number];

/** What a tab of logs keeps in the address. */
export interface LogsSearch {
  /** Whose lines are shown, where it is not what its application and its proxy wrote: `proxy,spans`. */
  readonly logsources?: string | undefined;
  /** Only lines with it, and lines without it. */
  readonly logshow?: string | undefined;
  readonly loghide?: string | undefined;
  /** Both are RE2 patterns. */
  readonly logregex?: true | undefined;
  /** Lines wait; nothing is asked for. */
  readonly logpause?: true | undefined;
  /** Lines of a time: milliseconds since the epoch. */
  readonly logfrom?: number | undefined;
  readonly logto?: number | undefined;
}

/** No moment that a log can tell of: before this project, or beyond what a Date holds. */
const [firstMoment, lastMoment] = [Date.UTC(2000, 0), Date.UTC(2200, 0)];

/** Reads the address; what makes no sense there is as if absent. */
export function readLogs(search: Readonly<Record<string, unknown>>): LogsSearch {
  const text = (name: "logshow" | "loghide") => {
    const value = search[name];
    const said = typeof value === "number" ? String(value) : value;
    return typeof said === "string" && said !== "" && said.length <= 1024 ? { [name]: said } : {};
  };
  const flag = (name: "logregex" | "logpause") =>
    search[name] === true || search[name] === "true" ? { [name]: true as const } : {};
  const moment = (name: "logfrom" | "logto") => {
    const at = Math.round(Number(search[name] ?? Number.NaN));
    return at >= firstMoment && at <= lastMoment ? { [name]: at } : {};
  };
  const [from, to] = [moment("logfrom"), moment("logto")];
  const backwards = (from.logfrom ?? 0) > (to.logto ?? Number.POSITIVE_INFINITY);
  const named = namedOf(search["logsources"]);
  return {
    ...text("logshow"),
    ...text("loghide"),
    ...flag("logregex"),
    ...flag("logpause"),
    ...(backwards ? {} : { ...from, ...to }),
    ...(named === undefined ? {} : { logsources: named }),
  };
}

const usual: readonly Source[] = ["application", "proxy"];

/** Sources as the address names them; undefined for the usual ones, and for none. */
export function namedOf(value: unknown): string | undefined {
  const said = typeof value === "string" ? value.split(",") : [];
  const known = sources.filter((source) => said.includes(source)).join(",");
  return known === "" || known === usual.join(",") ? undefined : known;
}

/** Whose lines are shown. */
export function shownSources({ logsources }: LogsSearch): readonly Source[] {
  return logsources === undefined ? usual : sources.filter((source) => logsources.split(",").includes(source));
}

/** The command that prints the same. */
export function commandOf(
  { logshow, loghide, logregex }: LogsSearch,
  name: string,
  namespace: string,
  container: "application" | "proxy",
  tail: number,
): string {
  const base = `npx weft logs ${name} -n ${namespace} --tail ${tail}${container === "proxy" ? " -c proxy" : ""}`;
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const how = logregex ? "-E" : "-iF";
  return [
    base,
    ...(logshow === undefined ? [] : [`grep ${how} -e ${quoted(logshow)}`]),
    ...(loghide === undefined ? [] : [`grep -v ${how} -e ${quoted(loghide)}`]),
  ].join(" | ");
}
