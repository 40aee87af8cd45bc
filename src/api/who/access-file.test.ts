import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { noAccessFile, readAccess } from "./access-file.ts";
import { fileTokens } from "./file-tokens.ts";
import { grantedRights } from "./roles.ts";
import { digestOf } from "./secrets.ts";
import { trustedHeader } from "./trusted-header.ts";

test("an access file as the documentation has it", () => {
  const read = readAccess(`
publicUrl: https://mesh.example.com
machine: login
roles:
  - {role: admin, subjects: ["group:sre"]}
  - {role: editor, subjects: ["group:shop", "user:ci"], namespaces: [shop, "shop-*"]}
  - {role: viewer, subjects: ["*"], namespaces: [public]}
tokens:
  - {user: ci, sha256: ${digestOf("the token")}}
oidc: {issuer: https://login.example.com, clientId: weft, clientSecretFile: /etc/weft/secret, groupsClaim: roles}
header: {user: X-Forwarded-Email, groups: X-Forwarded-Groups, from: [10.0.0.0/8, "fd00::1"]}
tls: {certFile: /etc/weft/tls.crt, keyFile: /etc/weft/tls.key}
`);
  expect(read).toMatchObject({
    ...{ viewOnly: false, machine: "login", rights: "roles" },
    publicUrl: new URL("https://mesh.example.com"),
    oidc: { userClaim: "email", groupsClaim: "roles", scopes: ["openid", "profile", "email"], label: "Log in" },
    header: { user: "x-forwarded-email", groups: "x-forwarded-groups" },
  });
  expect(readAccess("")).toEqual(noAccessFile);
});

test("what is wrong is told by its field, all at once", () => {
  const read = readAccess(`
anonymous: true
viewOnly: yes please
roles: [{role: root, subjects: [ann]}]
tokens: [{user: ci, sha256: secret}]
oidc: {issuer: login.example.com}
header: {}
`);
  expect("wrong" in read && read.wrong).toEqual([
    expect.stringMatching(/^anonymous: is not known; there are publicUrl/),
    'oidc.issuer: "login.example.com" is no address; write https://...',
    "oidc.clientId: is missing",
    "header.from: is empty: name the addresses of the proxy that sets the header, or its identities",
    "publicUrl: is missing: the issuer sends people back to it",
    "viewOnly: is neither true nor false",
    "roles[0].role: is none of viewer, editor, admin",
    'roles[0].subjects: "ann" is none; write user:NAME, group:NAME or "*"',
    "tokens[0].sha256: is no SHA-256; printf %s TOKEN | sha256sum makes one",
  ]);
  expect(readAccess("a: [")).toMatchObject({ wrong: [expect.any(String)] });
});

const ann = { name: "ann", groups: ["shop"], how: "token" } as const;
const change = (namespace: string) => ({ what: "update", type: "Sidecar", namespace, name: "x" }) as const;

test("roles add up, and none that is bound to namespaces is of the whole mesh", async () => {
  const rights = grantedRights(ann, [
    { role: "viewer", subjects: ["*"], namespaces: ["public"] },
    { role: "editor", subjects: ["group:shop"], namespaces: ["shop-*", "*-shop"] },
    { role: "admin", subjects: ["user:ann"], namespaces: ["own"] },
    { role: "admin", subjects: ["user:shop", "group:ann"] },
  ]);
  const all = () => ["public", "shop-a", "b-shop", "shop", "own", "other"];
  expect([...((await rights.sees(all)) as Set<string>)]).toEqual(["public", "shop-a", "b-shop", "own"]);
  const may = await Promise.all([...all(), ""].map((namespace) => rights.may(change(namespace))));
  expect(may).toEqual([false, true, true, false, true, false, false]);
  expect(await rights.may({ what: "operate" })).toBe(false);
  expect(await rights.may({ what: "logs", namespace: "public" })).toBe(true);
  expect(await rights.may({ what: "logs", namespace: "other" })).toBe(false);
});

test("a header names somebody when it comes from a believed address, once, and not otherwise", () => {
  const named = trustedHeader({
    user: "x-user",
    groups: "x-groups",
    from: ["10.0.0.0/8", "fd00::1", "127.0.0.1"],
    identities: [],
  });
  const from = (remoteAddress: string, headers: Record<string, string>) =>
    named({ headers, socket: { remoteAddress } } as unknown as IncomingMessage);
  const headers = { "x-user": "ann", "x-groups": "shop, sre", authorization: "Bearer abc" };
  const known = { name: "ann", groups: ["shop", "sre"], how: "header", bearer: "abc" };
  for (const address of ["10.1.2.3", "::ffff:10.9.9.9", "fd00::1", "127.0.0.1"])
    expect(from(address, headers)).toEqual(known);
  for (const address of ["11.0.0.1", "fd00::2", "::1", ""]) expect(from(address, headers)).toBe(undefined);
  expect(from("10.0.0.1", { "x-user": "ann, root" })).toBe(undefined);
  expect(from("10.0.0.1", { "x-groups": "sre" })).toBe(undefined);
  expect(() => trustedHeader({ user: "x", from: ["everywhere"], identities: [] })).toThrow();
});

test("a header counts from a proxy of a believed identity, as its verified certificate has it", () => {
  const proxy = "spiffe://cluster.local/ns/edge/sa/login";
  const shown = (authorized: unknown, subjectaltname: string, remoteAddress = "10.0.0.1") =>
    ({ remoteAddress, authorized, getPeerCertificate: () => ({ subjectaltname }) }) as unknown;
  const headers = { "x-user": "ann" };
  const named = (settings: { from: string[]; identities: string[] }, socket: unknown) =>
    trustedHeader({ user: "x-user", ...settings })({ headers, socket } as unknown as IncomingMessage)?.name;
  const byIdentity = { from: [], identities: [proxy] };
  expect(named(byIdentity, shown(true, `URI:${proxy}, DNS:edge`))).toBe("ann");
  const wrong = [
    shown(false, `URI:${proxy}`),
    shown(true, `URI:${proxy}x`),
    shown(true, `DNS:${proxy}`),
    shown(true, `URI:spiffe://cluster.local/ns/shop/sa/web, URI:${proxy}`),
    shown(true, ""),
    { remoteAddress: "10.0.0.1" },
  ];
  for (const socket of wrong) expect(named(byIdentity, socket)).toBeUndefined();
  const both = { from: ["10.0.0.0/8"], identities: [proxy] };
  expect(named(both, shown(true, `URI:${proxy}`))).toBe("ann");
  expect(named(both, shown(true, `URI:${proxy}`, "11.0.0.1"))).toBeUndefined();
  expect(named(both, { remoteAddress: "10.0.0.1" })).toBeUndefined();
  expect(named({ from: [], identities: [] }, shown(true, `URI:${proxy}`))).toBeUndefined();
  const file = (more: string) => readAccess(`header: {identities: [${more}]}\n`);
  expect(file("login")).toMatchObject({
    wrong: [
      'header.identities: "login" is none; write spiffe://cluster.local/ns/NAMESPACE/sa/ACCOUNT',
      "tls: is missing: header.identities are told by certificates",
    ],
  });
});

test("a token of the file is known by its digest, which itself lets nobody in", async () => {
  const sha256 = digestOf("the token");
  const verify = fileTokens(() => [{ user: "ci", groups: ["bots"], sha256 }]);
  expect(await verify("the token")).toEqual({ name: "ci", groups: ["bots"], how: "token" });
  expect(await verify(sha256)).toBe(undefined);
  expect(await verify("")).toBe(undefined);
});
