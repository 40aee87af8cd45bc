import { choices, type Field, type Row, rows, text, type Wizard } from "./form.ts";
import { destination, routesOf, serviceOf, subsetEdits, virtualServiceEdit } from "./service-rules.ts";

const whats = [
  { value: "header", label: "Header" },
  { value: "uri", label: "Path" },
  { value: "method", label: "Method" },
  { value: "query", label: "Query parameter" },
  { value: "namespace", label: "Caller's namespace" },
];

/** Who goes to which version: by header, path, method, query or caller, the first rule that matches. */
export const requestRouting: Wizard = {
  id: "request-routing",
  title: "Request routing",
  words: "Send requests to a version by header, path, method or caller; everything else goes on as before.",
  group: "Routing",
  subject: "service",
  start: (about) => ({
    rules: [{ what: "header", name: "end-user", how: "exact", value: "", version: last(versions(about)) }],
    rest: routesOf(about, "http").length > 0 ? "keep" : (versions(about)[0] ?? ""),
  }),
  fields: (_form, about) => {
    const all = versions(about);
    const there = routesOf(about, "http").length;
    return [
      rulesField(all),
      {
        id: "rest",
        label: "Everything else",
        kind: "choice",
        choices: [
          ...(there > 0
            ? [{ value: "keep", label: there === 1 ? "as its route says now" : `as its ${there} routes say now` }]
            : []),
          { value: "", label: "all versions in turn" },
          ...all.map((v) => ({ value: v, label: `version ${v}` })),
        ],
      },
    ];
  },
  problems: (form) =>
    rows(form, "rules").flatMap((rule, i) => [
      ...(needsName(rule) && !rule["name"]?.trim()
        ? [{ at: `rules/${i}/name`, says: "Needed: of the header or parameter." }]
        : []),
      ...(rule["what"] === "uri" && rule["how"] !== "regex" && !rule["value"]?.trim().startsWith("/")
        ? [{ at: `rules/${i}/value`, says: "A path begins with /." }]
        : []),
    ]),
  edits: (form, about) => {
    const rules = rows(form, "rules");
    const rest = text(form, "rest");
    const used = [...rules.map((r) => r["version"] ?? ""), ...(rest === "keep" ? [] : [rest])].filter((v) => v !== "");
    const added = rules.map((rule) => ({
      match: [matchOf(rule)],
      route: [{ destination: destination(about, rule["version"] ?? "") }],
    }));
    const after = rest === "keep" ? routesOf(about, "http") : [{ route: [{ destination: destination(about, rest) }] }];
    return [
      ...subsetEdits(about, used),
      virtualServiceEdit(about, [
        [
          ["spec", "http"],
          [...added, ...after],
        ],
      ]),
    ];
  },
};

function rulesField(all: readonly string[]): Field {
  return {
    id: "rules",
    label: "Rules",
    hint: "The first that matches decides.",
    kind: "rows",
    add: "Add a rule",
    fresh: { what: "uri", name: "", how: "prefix", value: "/", version: all[0] ?? "" },
    columns: [
      { id: "what", label: "Match", kind: "choice", choices: whats },
      { id: "name", label: "Name", kind: "text", suggestions: ["end-user", "cookie", "user-agent", "x-user"] },
      { id: "how", label: "How", kind: "choice", choices: choices(["exact", "prefix", "regex"]) },
      { id: "value", label: "Value", kind: "text", needed: true },
      { id: "version", label: "To version", kind: "choice", choices: [{ value: "", label: "any" }, ...choices(all)] },
    ],
  };
}

function needsName(rule: Row): boolean {
  return rule["what"] === "header" || rule["what"] === "query";
}

function matchOf({ what = "", name = "", how = "exact", value = "" }: Row): object {
  const said = { [how]: value.trim() };
  if (what === "header") return { headers: { [name.trim()]: said } };
  if (what === "query") return { queryParams: { [name.trim()]: said } };
  return what === "namespace" ? { sourceNamespace: value.trim() } : { [what]: said };
}

function versions(about: Parameters<typeof serviceOf>[0]): readonly string[] {
  return serviceOf(about).versions.map((v) => v.name);
}

function last(all: readonly string[]): string {
  return all.at(-1) ?? "";
}
