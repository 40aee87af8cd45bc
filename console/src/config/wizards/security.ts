import {
  type About,
  type Field,
  type Form,
  filled,
  isOn,
  lines,
  number,
  rows,
  text,
  type Wizard,
  wordsOf,
} from "./form.ts";
import { labelsOf } from "./gateways.ts";

const apiVersion = "security.istio.io/v1";

/** Who may ask what. */
export const authorization: Wizard = {
  id: "authorization",
  title: "Authorization",
  words: "Say who may ask what of a workload; as a dry run first, if you like, which only tells whom it would refuse.",
  group: "Security",
  subject: "namespace",
  start: () => ({
    name: "who-may",
    selector: "",
    action: "ALLOW",
    dryRun: true,
    rules: [{ from: "", namespaces: "", methods: "GET", paths: "", ports: "" }],
  }),
  fields: (_form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    selectorField(about),
    {
      id: "action",
      label: "What matches is",
      kind: "choice",
      choices: [
        { value: "ALLOW", label: "allowed, and nothing else" },
        { value: "DENY", label: "refused" },
      ],
    },
    { id: "dryRun", label: "Dry run", hint: "Nobody is refused; proxies tell who would be.", kind: "toggle" },
    {
      id: "rules",
      label: "Rules",
      hint: "Several in one field stand between commas; an empty field takes everything.",
      kind: "rows",
      add: "Add a rule",
      fresh: { from: "", namespaces: "", methods: "", paths: "", ports: "" },
      columns: [
        { id: "from", label: "Callers", kind: "text", is: "principals", suggestions: principals(about) },
        { id: "namespaces", label: "Namespaces", kind: "text", suggestions: about.facts.namespaces },
        { id: "methods", label: "Methods", kind: "text" },
        { id: "paths", label: "Paths", kind: "text", is: "paths" },
        { id: "ports", label: "Ports", kind: "text", is: "ports" },
      ],
    },
  ],
  edits: (form, about) => {
    const rules = rows(form, "rules").map((rule) => {
      const source = filled({ principals: wordsOf(rule["from"] ?? ""), namespaces: wordsOf(rule["namespaces"] ?? "") });
      const operation = filled({
        methods: wordsOf(rule["methods"] ?? ""),
        paths: wordsOf(rule["paths"] ?? ""),
        ports: wordsOf(rule["ports"] ?? ""),
      });
      return filled({ from: source && [{ source }], to: operation && [{ operation }] }) ?? {};
    });
    const set = [
      ...(isOn(form, "dryRun") ? [[["metadata", "annotations"], { "istio.io/dry-run": "true" }] as const] : []),
      ...selectorSet(form),
      [["spec", "action"], text(form, "action")] as const,
      [["spec", "rules"], rules] as const,
    ];
    return [{ apiVersion, kind: "AuthorizationPolicy", namespace: about.namespace, name: text(form, "name"), set }];
  },
};

/** Whether callers must show a certificate of the mesh. */
export const peerAuthentication: Wizard = {
  id: "peer-authentication",
  title: "Mutual TLS",
  words:
    "Take connections with a certificate of the mesh alone, or plaintext beside them, for a workload, a namespace or the mesh.",
  group: "Security",
  subject: "namespace",
  start: () => ({ name: "default", selector: "", mode: "STRICT", ports: [] }),
  fields: (_form, about) => [
    {
      id: "name",
      label: "Name",
      hint: `In ${about.facts.rootNamespace} and without a selector it is for the whole mesh.`,
      kind: "text",
      is: "name",
      needed: true,
    },
    selectorField(about),
    { id: "mode", label: "Connections", kind: "choice", choices: modes },
    {
      id: "ports",
      label: "Ports that differ",
      hint: "Of the workload; they need a selector.",
      kind: "rows",
      add: "Add a port",
      fresh: { port: "8080", mode: "PERMISSIVE" },
      columns: [
        { id: "port", label: "Port", kind: "number", is: "port", needed: true },
        { id: "mode", label: "Connections", kind: "choice", choices: modes },
      ],
    },
  ],
  problems: (form) => [
    ...(rows(form, "ports").length > 0 && text(form, "selector") === ""
      ? [{ at: "selector", says: "Ports that differ need a selector." }]
      : []),
  ],
  edits: (form, about) => {
    const ports = rows(form, "ports").flatMap((row) => {
      const port = number(row, "port");
      return port === undefined ? [] : [[String(port), { mode: row["mode"] ?? "STRICT" }] as const];
    });
    const set = [
      ...selectorSet(form),
      [["spec", "mtls"], { mode: text(form, "mode") }] as const,
      ...(ports.length > 0 ? [[["spec", "portLevelMtls"], Object.fromEntries(ports)] as const] : []),
    ];
    return [{ apiVersion, kind: "PeerAuthentication", namespace: about.namespace, name: text(form, "name"), set }];
  },
};

const modes = [
  { value: "STRICT", label: "mutual TLS alone" },
  { value: "PERMISSIVE", label: "mutual TLS, and plaintext beside it" },
  { value: "DISABLE", label: "plaintext alone" },
];

/** Which tokens of end users are taken. */
export const requestAuthentication: Wizard = {
  id: "request-authentication",
  title: "Tokens of users",
  words: "Say whose tokens (JWT) count, and refuse requests without one if you like.",
  group: "Security",
  subject: "namespace",
  start: () => ({
    name: "tokens",
    selector: "",
    issuer: "https://issuer.example.com",
    jwksUri: "",
    audiences: "",
    header: "",
    forward: false,
    required: true,
  }),
  fields: (_form, about) => [
    { id: "name", label: "Name", kind: "text", is: "name", needed: true },
    selectorField(about),
    { id: "issuer", label: "Issuer", hint: "The token's iss.", kind: "text", needed: true },
    {
      id: "jwksUri",
      label: "Keys at",
      hint: "A JWKS document. Empty: found by the issuer's OpenID configuration.",
      kind: "text",
      is: "url",
    },
    { id: "audiences", label: "For audiences", hint: "One a line; empty: any.", kind: "lines" },
    { id: "header", label: "In header", hint: "Empty: Authorization: Bearer.", kind: "text" },
    { id: "forward", label: "The workload gets the token, too", kind: "toggle" },
    {
      id: "required",
      label: "Refuse requests without one",
      hint: "By an AuthorizationPolicy beside it.",
      kind: "toggle",
    },
  ],
  edits: (form, about) => {
    const name = text(form, "name");
    const rule = filled({
      issuer: text(form, "issuer"),
      jwksUri: text(form, "jwksUri") || undefined,
      audiences: lines(form, "audiences"),
      fromHeaders: text(form, "header") ? [{ name: text(form, "header") }] : undefined,
      forwardOriginalToken: isOn(form, "forward") || undefined,
    });
    const base = { apiVersion, namespace: about.namespace, name };
    const tokens = {
      ...base,
      kind: "RequestAuthentication",
      set: [...selectorSet(form), [["spec", "jwtRules"], [rule]] as const],
    };
    if (!isOn(form, "required")) return [tokens];
    const rules = [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }];
    const set = [...selectorSet(form), [["spec", "action"], "DENY"] as const, [["spec", "rules"], rules] as const];
    return [tokens, { ...base, kind: "AuthorizationPolicy", name: `${name}-required`, set }];
  },
};

/** Which workloads of the namespace. */
export function selectorField({ facts, namespace }: About): Field {
  const own = facts.workloads.filter((w) => w.namespace === namespace);
  const apps = own.flatMap(({ labels }) => (labels["app"] ? [`app=${labels["app"]}`] : []));
  const versions = own.flatMap(({ labels }) =>
    labels["app"] && labels["version"] ? [`app=${labels["app"]},version=${labels["version"]}`] : [],
  );
  return {
    id: "selector",
    label: "Workloads",
    hint: "Labels that select them; empty: all of the namespace.",
    kind: "text",
    is: "labels",
    suggestions: [...new Set([...apps, ...versions])],
  };
}

function selectorSet(form: Form) {
  const selector = text(form, "selector");
  return selector === "" ? [] : [[["spec", "selector", "matchLabels"], labelsOf(selector)] as const];
}

function principals({ facts }: About): readonly string[] {
  return [...new Set(facts.workloads.map((w) => `${facts.trustDomain}/ns/${w.namespace}/sa/${w.serviceAccount}`))];
}
