import type { Ref } from "../../model/resource.ts";

/** Keys of tokens that were fetched, or could not be. It has no kind of its own in Istio: whoever fetches them tells of them as an object. */
export interface KeySet {
  /** JSON Web Key Set; absent where there is none. */
  readonly keys?: string;
}

/** The object that has the keys of a URL, or those that an issuer says itself. */
export function keySetRef(at: { readonly jwksUri: string } | { readonly issuer: string }): Ref {
  const name = "jwksUri" in at ? at.jwksUri : `issuer ${at.issuer}`;
  return { type: "KeySet.weft.dev", namespace: "", name };
}
