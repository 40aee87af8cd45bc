import type { Ref } from "../../model/resource.ts";

/** A module that was fetched, or could not be. It has no kind of its own in Istio: whoever fetches it tells of it as an object. */
export interface WasmModule {
  /** Its file on this machine. */
  readonly file?: string;
  /** Why there is none. */
  readonly error?: string;
}

/** The object that says where a module is. `sha256` is what it must have; "" is any. */
export function moduleRef(url: string, sha256: string): Ref {
  return { type: "WasmModule.weft.dev", namespace: "", name: `${sha256}@${url}` };
}
