import { parseDocument } from "yaml";
import { type Grant, type Role, roles } from "./roles.ts";

/** Who may log in to the console and the API, how, and what they may: a file of whoever runs the mesh. */
export interface AccessSettings {
  /** Under which people open the console: `https://mesh.example.com`. Its name is one of ours; by `https`, cookies are sent by TLS alone. */
  readonly publicUrl?: URL;
  /** Nobody changes anything but by the mesh's own token. */
  readonly viewOnly: boolean;
  /** `read`: who is on this machine, or was let through to the Pod, reads without logging in. `login`: nobody does. */
  readonly machine: "read" | "login";
  /** Who decides: the roles below, or an API server by its own (in a cluster). Tokens of this file have roles alone. */
  readonly rights: "roles" | "kubernetes";
  readonly roles: readonly Grant[];
  readonly tokens: readonly FileToken[];
  readonly oidc?: OidcSettings;
  readonly header?: HeaderSettings;
  /** Files of PEM by which the console's port speaks TLS; read at the start. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

export interface FileToken {
  readonly user: string;
  readonly groups: readonly string[];
  /** Of the token's text, in hexadecimal: the file itself lets nobody in. */
  readonly sha256: string;
}

export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  /** A file with it; absent for a client that has none (PKCE alone). */
  readonly clientSecretFile?: string;
  readonly scopes: readonly string[];
  readonly userClaim: string;
  readonly groupsClaim: string;
  /** What stands on the button. */
  readonly label: string;
  /** Roots of the issuer's certificate; absent: the system's. */
  readonly caFile?: string;
}

export interface HeaderSettings {
  readonly user: string;
  readonly groups?: string;
  /** Addresses and ranges that are believed. */
  readonly from: readonly string[];
  /** SPIFFE IDs that are believed: by a certificate that the proxy shows, as the mesh's authority signed it. */
  readonly identities: readonly string[];
}

/** With no file: who is on the machine reads, whoever has the mesh's token may all. */
export const noAccessFile: AccessSettings = {
  ...{ viewOnly: false, machine: "read", rights: "roles", roles: [], tokens: [] },
};

/** Reads the file's text; `wrong`: what is wrong with it, with the fields' names. */
export function readAccess(text: string): AccessSettings | { readonly wrong: readonly string[] } {
  const document = parseDocument(text);
  if (document.errors.length > 0) return { wrong: document.errors.map(({ message }) => message.split("\n")[0] ?? "") };
  const reader = new Reader();
  const read = settingsOf(reader, reader.map("", document.toJS() ?? {}));
  return reader.wrong.length > 0 ? { wrong: reader.wrong } : read;
}

function settingsOf(reader: Reader, file: Fields): AccessSettings {
  reader.only("", file, ["publicUrl", "viewOnly", "machine", "rights", "roles", "tokens", "oidc", "header", "tls"]);
  const publicUrl = file["publicUrl"] === undefined ? undefined : reader.url("publicUrl", file["publicUrl"]);
  const oidc = file["oidc"] === undefined ? undefined : oidcOf(reader, reader.map("oidc", file["oidc"]));
  const header = file["header"] === undefined ? undefined : headerOf(reader, reader.map("header", file["header"]));
  if (oidc !== undefined && publicUrl === undefined)
    reader.fault("publicUrl", "is missing: the issuer sends people back to it");
  const tls = file["tls"] === undefined ? undefined : tlsOf(reader, reader.map("tls", file["tls"]));
  if (tls === undefined && (header?.identities.length ?? 0) > 0)
    reader.fault("tls", "is missing: header.identities are told by certificates");
  return {
    ...(publicUrl && { publicUrl }),
    ...(tls && { tls }),
    viewOnly: reader.flag("viewOnly", file["viewOnly"]),
    machine: reader.oneOf("machine", file["machine"] ?? "read", ["read", "login"]),
    rights: reader.oneOf("rights", file["rights"] ?? "roles", ["roles", "kubernetes"]),
    roles: reader.list("roles", file["roles"]).map((one, i) => grantOf(reader, `roles[${i}]`, one)),
    tokens: reader.list("tokens", file["tokens"]).map((one, i) => tokenOf(reader, `tokens[${i}]`, one)),
    ...(oidc && { oidc }),
    ...(header && { header }),
  };
}

function tlsOf(reader: Reader, fields: Fields): { certFile: string; keyFile: string } {
  reader.only("tls", fields, ["certFile", "keyFile"]);
  return {
    certFile: reader.text("tls.certFile", fields["certFile"]),
    keyFile: reader.text("tls.keyFile", fields["keyFile"]),
  };
}

function grantOf(reader: Reader, at: string, value: unknown): Grant {
  const fields = reader.map(at, value);
  reader.only(at, fields, ["role", "subjects", "namespaces"]);
  const role: Role = reader.oneOf(`${at}.role`, fields["role"], roles);
  const subjects = reader.texts(`${at}.subjects`, fields["subjects"]);
  if (subjects.length === 0) reader.fault(`${at}.subjects`, "is empty: name who has the role");
  for (const one of subjects)
    if (!/^(\*|(user|group):.+)$/.test(one))
      reader.fault(`${at}.subjects`, `"${one}" is none; write user:NAME, group:NAME or "*"`);
  if (fields["namespaces"] === undefined) return { role, subjects };
  return { role, subjects, namespaces: reader.texts(`${at}.namespaces`, fields["namespaces"]) };
}

function tokenOf(reader: Reader, at: string, value: unknown): FileToken {
  const fields = reader.map(at, value);
  reader.only(at, fields, ["user", "groups", "sha256"]);
  const sha256 = reader.text(`${at}.sha256`, fields["sha256"]).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(sha256))
    reader.fault(`${at}.sha256`, "is no SHA-256; printf %s TOKEN | sha256sum makes one");
  return {
    user: reader.text(`${at}.user`, fields["user"]),
    groups: reader.texts(`${at}.groups`, fields["groups"]),
    sha256,
  };
}

function oidcOf(reader: Reader, fields: Fields): OidcSettings {
  const known = ["issuer", "clientId", "clientSecretFile", "scopes", "userClaim", "groupsClaim", "label", "caFile"];
  reader.only("oidc", fields, known);
  const optional = (name: string) =>
    fields[name] === undefined ? {} : { [name]: reader.text(`oidc.${name}`, fields[name]) };
  const text = (name: string, fallback: string) => reader.text(`oidc.${name}`, fields[name] ?? fallback);
  return {
    issuer: reader.url("oidc.issuer", fields["issuer"]) ?? new URL("https://missing.invalid"),
    clientId: reader.text("oidc.clientId", fields["clientId"]),
    scopes:
      fields["scopes"] === undefined ? ["openid", "profile", "email"] : reader.texts("oidc.scopes", fields["scopes"]),
    userClaim: text("userClaim", "email"),
    groupsClaim: text("groupsClaim", "groups"),
    label: text("label", "Log in"),
    ...optional("clientSecretFile"),
    ...optional("caFile"),
  };
}

function headerOf(reader: Reader, fields: Fields): HeaderSettings {
  reader.only("header", fields, ["user", "groups", "from", "identities"]);
  const from = reader.texts("header.from", fields["from"]);
  const identities = reader.texts("header.identities", fields["identities"]);
  if (from.length + identities.length === 0)
    reader.fault("header.from", "is empty: name the addresses of the proxy that sets the header, or its identities");
  for (const one of identities)
    if (!/^spiffe:\/\/[^/*\s]+\/\S+$/.test(one))
      reader.fault("header.identities", `"${one}" is none; write spiffe://cluster.local/ns/NAMESPACE/sa/ACCOUNT`);
  return {
    user: reader.text("header.user", fields["user"] ?? "x-forwarded-user").toLowerCase(),
    ...(fields["groups"] === undefined ? {} : { groups: reader.text("header.groups", fields["groups"]).toLowerCase() }),
    ...{ from, identities },
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Takes values of a form, and gathers what is wrong. */
class Reader {
  readonly wrong: string[] = [];

  fault(at: string, words: string): void {
    this.wrong.push(`${at === "" ? "the file" : at}: ${words}`);
  }

  map(at: string, value: unknown): Fields {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
    this.fault(at, "is no map");
    return {};
  }

  only(at: string, fields: Fields, known: readonly string[]): void {
    for (const name of Object.keys(fields))
      if (!known.includes(name))
        this.fault(at === "" ? name : `${at}.${name}`, `is not known; there are ${known.join(", ")}`);
  }

  text(at: string, value: unknown): string {
    if (typeof value === "string" && value !== "") return value;
    this.fault(at, value === undefined ? "is missing" : "is no text");
    return "";
  }

  flag(at: string, value: unknown): boolean {
    if (value !== undefined && typeof value !== "boolean") this.fault(at, "is neither true nor false");
    return value === true;
  }

  list(at: string, value: unknown): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.fault(at, "is no list");
    return [];
  }

  texts(at: string, value: unknown): readonly string[] {
    return this.list(at, value).map((one, i) => this.text(`${at}[${i}]`, one));
  }

  oneOf<T extends string>(at: string, value: unknown, known: readonly [T, ...T[]] | readonly T[]): T {
    const found = known.find((one) => one === value);
    if (found === undefined) this.fault(at, `is none of ${known.join(", ")}`);
    return found ?? (known[0] as T);
  }

  url(at: string, value: unknown): URL | undefined {
    const text = this.text(at, value);
    const url = URL.parse(text);
    if (text !== "" && !/^https?:$/.test(url?.protocol ?? ""))
      this.fault(at, `"${text}" is no address; write https://...`);
    return url ?? undefined;
  }
}
