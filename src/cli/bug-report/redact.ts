import { withoutSecrets } from "../../api/redact.ts";

const gone = "[redacted]";

/** Names of fields and variables whose text is secret, wherever they are. */
const secretName =
  /(pass(word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|signing[-_]?key|credentials?|authorization|cookie|client[-_]?secret)s?$/i;
/** Fields of Secrets and of what looks like them. */
const payloads = ["data", "stringData"];
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** Patterns of secrets in any text: log lines, dumps, messages. Each begins with a word, and repeats within bounds: a text of any kind takes linear time. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----[\s\S]*?(-----END \1-----|$)/g, `-----BEGIN $1----- ${gone}`],
  [
    /(authorization|cookie|x-api-key|x-auth-token)("?\s{0,8}[:=]\s{0,8}"?)((bearer|basic|digest)\s{1,8})?[^\s",;}]+/gi,
    `$1$2$3${gone}`,
  ],
  [/\b(bearer|basic)\s{1,8}[a-z0-9+/_=.~-]{8,}/gi, `$1 ${gone}`],
  // JSON Web Tokens.
  [/\beyJ[A-Za-z0-9_-]{4,4096}\.eyJ[A-Za-z0-9_-]{4,8192}\.[A-Za-z0-9_-]*/g, gone],
  // A user and a password within an address.
  [/(:\/\/)[^\s/@:"']{1,200}:[^\s/@"']{1,400}@/g, `$1${gone}@`],
  // The last part of a name: `db_password=...`, `"apiKey": "..."`.
  [
    /(password|passwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key)(["']?\s{0,8}[:=]\s{0,8}["']?)(?!\[redacted\])[^\s"',;&}]{3,}/gi,
    `$1$2${gone}`,
  ],
];

/** A text without what looks secret in it. */
export function redactText(text: string): string {
  return patterns.reduce((all, [pattern, by]) => all.replace(pattern, by), encodedKeys(text));
}

/** Keys that were encoded once more, as Secrets and certificates in YAML are. */
function encodedKeys(text: string): string {
  return text.replace(/LS0tLS1CRUdJTi[A-Za-z0-9+/=]+/g, (encoded) =>
    Buffer.from(encoded, "base64").toString("latin1").includes("PRIVATE KEY") ? gone : encoded,
  );
}

/** An object of an API server, or an answer of Envoy's, without what is secret in it; every text of it as `redactText` leaves it. */
export function redactValue(value: unknown): unknown {
  return redactFields(withoutSecrets(value), undefined);
}

function redactFields(value: unknown, kind: unknown): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactFields(item, kind));
  if (typeof value !== "object" || value === null) return value;
  const own = "kind" in value ? value.kind : kind;
  const isNamedSecret = "name" in value && typeof value.name === "string" && secretName.test(value.name);
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      if (key === lastApplied) return [key, gone];
      if (own === "Secret" && payloads.includes(key)) return [key, gone];
      // A variable of a container, a header, a parameter: its value stands beside its name.
      if (isNamedSecret && key === "value") return [key, gone];
      if (secretName.test(key) && isText(field)) return [key, gone];
      return [key, redactFields(field, own)];
    }),
  );
}

/** A text, or the form that protobuf's bytes and data sources have. */
function isText(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null) return false;
  return ["inlineString", "inline_string", "inlineBytes", "inline_bytes"].some((key) => key in value);
}
