import { readFileSync, statSync } from "node:fs";
import type { ApiOptions } from "../api/create-api.ts";
import { type AccessSettings, noAccessFile, readAccess } from "../api/who/access-file.ts";
import { noRights, type Rights, type Subject } from "../api/who/caller.ts";
import { fileTokens } from "../api/who/file-tokens.ts";
import { Oidc } from "../api/who/oidc.ts";
import { oidcPaths } from "../api/who/oidc-pages.ts";
import { grantedRights } from "../api/who/roles.ts";
import { trustedHeader } from "../api/who/trusted-header.ts";
import { CliError, exitCodes } from "../cli/exit.ts";
import type { Clock } from "../std/clock.ts";
import type { Log } from "../std/log.ts";
import { issuerFetch } from "./issuer-fetch.ts";
import type { KubernetesUsers } from "./kubernetes-users.ts";

export interface AccessOptions {
  /** The access file; absent: nobody but the mesh's owner changes anything. */
  readonly file?: string;
  /** In a cluster: its users may log in by their tokens. */
  readonly users?: KubernetesUsers;
  readonly clock: Clock;
  readonly log: Log;
}

type AccessParts = Pick<
  ApiOptions,
  "verifiers" | "named" | "rightsOf" | "viewOnly" | "hosts" | "logins" | "oidc" | "https"
>;

/** What the access file says of the API's door. Throws a CliError where it says something wrong. */
export function accessParts(options: AccessOptions): AccessParts & { readonly settings: AccessSettings } {
  const { users } = options;
  const current = followed(options);
  const settings = current();
  const { publicUrl, header, viewOnly, rights } = settings;
  if (rights === "kubernetes" && users === undefined)
    throw wrong(options.file, ["rights: kubernetes has no meaning outside of a cluster; write roles"]);
  const oidc = oidcOf(settings, options);
  return {
    settings,
    verifiers: [fileTokens(() => current().tokens), ...(users === undefined ? [] : [users.verifier])],
    rightsOf: (subject) => rightsOf(subject, current(), users),
    viewOnly,
    ...(header && { named: headerOf(header, options.file) }),
    ...(publicUrl && { hosts: [publicUrl.hostname], https: publicUrl.protocol === "https:" ? publicUrl.host : "" }),
    ...(oidc && { oidc }),
    logins: loginsOf(settings, users !== undefined),
  };
}

/** Users of Kubernetes have its rights, and what roles say beside; the others what the file chooses. */
function rightsOf(subject: Subject, { rights, roles }: AccessSettings, users: KubernetesUsers | undefined): Rights {
  if (subject.how === "machine" || subject.how === "owner") return noRights;
  const byRoles = grantedRights(subject, roles);
  const asks = subject.how === "kubernetes" || (rights === "kubernetes" && subject.how !== "token");
  return asks && users !== undefined ? users.rightsOf(subject) : byRoles;
}

function loginsOf({ oidc, tokens }: AccessSettings, cluster: boolean): NonNullable<ApiOptions["logins"]> {
  const hint = cluster
    ? "kubectl create token NAME -n NAMESPACE makes one"
    : tokens.length > 0
      ? "one of the access file; whoever runs this mesh hands them out"
      : "weft dashboard, run by the user who started this mesh, opens the console logged in";
  return [
    ...(oidc
      ? [{ kind: "oidc", label: oidc.label, hint: `at ${oidc.issuer.host}`, href: oidcPaths.begin.slice(1) } as const]
      : []),
    { kind: "token", label: cluster ? "Kubernetes token" : "Token", hint },
  ];
}

function headerOf(header: NonNullable<AccessSettings["header"]>, file: string | undefined) {
  try {
    return trustedHeader(header);
  } catch (error) {
    throw wrong(file, [`header.from: ${(error as Error).message}`]);
  }
}

function oidcOf({ oidc, publicUrl }: AccessSettings, { file, clock }: AccessOptions): Oidc | undefined {
  if (oidc === undefined || publicUrl === undefined) return undefined;
  const secretOf = (path: string | undefined) => (path === undefined ? undefined : readText(path, file).trim());
  const clientSecret = secretOf(oidc.clientSecretFile);
  const roots = secretOf(oidc.caFile);
  return new Oidc({
    settings: oidc,
    redirectUri: new URL(oidcPaths.back.slice(1), new URL(publicUrl.href.replace(/\/?$/, "/"))).href,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    fetch: issuerFetch(roots),
    now: () => clock.now(),
  });
}

/** The settings as the file has them now; what it said before stays in force where it says something wrong later. */
function followed({ file, log }: AccessOptions): () => AccessSettings {
  if (file === undefined) return () => noAccessFile;
  const first = readAccess(readText(file));
  if ("wrong" in first) throw wrong(file, first.wrong);
  let current = first;
  let read = stampOf(file);
  return () => {
    const stamp = stampOf(file);
    if (stamp === read) return current;
    read = stamp;
    try {
      const next = readAccess(readText(file));
      if (!("wrong" in next)) current = next;
      else log.error("the access file is wrong, and what it said before stays", { file, wrong: next.wrong });
    } catch (error) {
      log.error("the access file cannot be read, and what it said before stays", { error: (error as Error).message });
    }
    return current;
  };
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
}

function readText(path: string, file = path): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(exitCodes.noInput, `${file}: ${path} cannot be read: ${(error as Error).message}`);
  }
}

function wrong(file: string | undefined, words: readonly string[]): CliError {
  return new CliError(
    exitCodes.badData,
    `${file ?? "access"}: ${words.join("; ")}`,
    "docs/console-access.md says what it may hold",
  );
}
