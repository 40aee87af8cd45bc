import type { Type } from "../../model/resource.ts";

/** Who asks, as it was verified; what they may is told anew for each request. */
export interface Subject {
  /** `alice@example.com`, `system:serviceaccount:shop:ci`, `owner`. */
  readonly name: string;
  readonly groups: readonly string[];
  /**
   * `owner`: by the mesh's own token. `machine`: who started this mesh, told by the kernel, or whoever an API server let through to this Pod.
   * `token`: of the access file. `oidc`: by an issuer. `kubernetes`: by TokenReview. `header`: by a proxy that is trusted with it.
   */
  readonly how: "owner" | "machine" | "token" | "oidc" | "kubernetes" | "header";
  /** What an authorizer may want to know beside: Kubernetes' `extra`. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** A token of theirs that an API server takes: what they change there is changed as them, with their rights. Never told or logged. */
  readonly bearer?: string;
}

/** Changing one object. */
export interface Change {
  readonly what: "create" | "update" | "delete";
  readonly type: Type;
  readonly namespace: string;
  readonly name: string;
}

/** Something that somebody wants to do. */
export type Act =
  | { readonly what: "logs"; readonly namespace: string }
  /** To read what a proxy was sent, and what it has. */
  | { readonly what: "proxy"; readonly namespace: string }
  | Change
  /** What concerns the whole mesh: certificates, stopping it, who did what. */
  | { readonly what: "operate" };

/** Namespaces that somebody may see: all, now and later, or these. */
export type Sight = "all" | ReadonlySet<string>;

/** What somebody may. Both reject where whoever decides cannot be asked: then nothing is allowed. */
export interface Rights {
  /** Of the namespaces that there are, those whose objects, traffic and findings they may see. */
  sees(namespaces: () => readonly string[]): Promise<Sight>;
  may(act: Act): Promise<boolean>;
}

/** Who asks, and what they may. */
export interface Caller extends Subject {
  readonly rights: Rights;
}

/** Nothing at all. */
export const noRights: Rights = { sees: async () => new Set(), may: async () => false };

/** Everything. */
export const allRights: Rights = { sees: async () => "all", may: async () => true };

/** To see everything and change nothing. */
export const readingRights: Rights = { sees: async () => "all", may: async ({ what }) => isReading(what) };

/** The same without whatever changes something. */
export function viewOnly(rights: Rights): Rights {
  return {
    sees: (namespaces) => rights.sees(namespaces),
    may: async (act) => isReading(act.what) && (await rights.may(act)),
  };
}

function isReading(what: Act["what"]): boolean {
  return what === "logs" || what === "proxy";
}
