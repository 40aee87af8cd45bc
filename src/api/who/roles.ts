import type { Act, Rights, Sight, Subject } from "./caller.ts";

/** What one role allows, to whom and where. */
export interface Grant {
  /** `viewer` sees; `editor` changes objects, too; `admin` does what concerns the whole mesh, too, where no namespace bounds it. */
  readonly role: Role;
  /** `user:NAME`, `group:NAME`, `*` for everybody who has logged in. */
  readonly subjects: readonly string[];
  /** Names, or patterns with `*` at one end; absent: all. */
  readonly namespaces?: readonly string[];
}

export const roles = ["viewer", "editor", "admin"] as const;
export type Role = (typeof roles)[number];

/** What the grants of a file allow somebody. */
export function grantedRights(subject: Subject, grants: readonly Grant[]): Rights {
  const own = grants.filter(({ subjects }) => subjects.some((one) => isMeant(one, subject)));
  return {
    sees: async (namespaces) => sightOf(own, namespaces),
    may: async (act) => own.some((grant) => allows(grant, act)),
  };
}

function isMeant(written: string, { name, groups }: Subject): boolean {
  if (written === "*") return true;
  if (written.startsWith("user:")) return written.slice("user:".length) === name;
  return written.startsWith("group:") && groups.includes(written.slice("group:".length));
}

function sightOf(grants: readonly Grant[], namespaces: () => readonly string[]): Sight {
  if (grants.some((grant) => grant.namespaces === undefined)) return "all";
  return new Set(namespaces().filter((name) => grants.some((grant) => isInside(grant, name))));
}

function allows(grant: Grant, act: Act): boolean {
  if (act.what === "operate") return grant.role === "admin" && grant.namespaces === undefined;
  if (!isInside(grant, act.namespace)) return false;
  return act.what === "logs" || act.what === "proxy" || grant.role !== "viewer";
}

/** An object without a namespace is of the whole mesh, and so is of nobody's whom a namespace bounds. */
function isInside({ namespaces }: Grant, namespace: string): boolean {
  if (namespaces === undefined) return true;
  return namespace !== "" && namespaces.some((pattern) => matches(pattern, namespace));
}

function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith("*")) return name.endsWith(pattern.slice(1));
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
