import type { Discovery } from "../discovery/discovery.ts";
import type { Source } from "../model/change.ts";
import { fetchFor } from "./guarded-fetch.ts";
import { followKeys, issuerKeys } from "./issuer-keys.ts";
import { followModules, wasmModules } from "./wasm-modules.ts";

/** What the objects of a mesh name and the control plane fetches: modules of WebAssembly, and keys of tokens. */
export interface FetchedParts {
  readonly sources: readonly Source[];
  /** A token fits none of the keys: newer ones may be there. */
  readonly onBadToken: () => void;
  /** From now on they are told what is named. Once. */
  follow(discovery: Discovery): void;
}

/** `from`: addresses that may be asked though they are not the public internet's. Throws for a range that is none. */
export function fetchedParts(stateDir: string, from: readonly string[] | undefined): FetchedParts {
  let followed: Discovery | undefined;
  const fetch = fetchFor(from, () => {
    if (followed === undefined) throw new Error("nothing is fetched before there is a mesh");
    return followed;
  });
  const [modules, keys] = [wasmModules(stateDir, fetch), issuerKeys(stateDir, fetch)];
  const sources: readonly Source[] = [modules, keys];
  const names = new Set(sources.map(({ name }) => name));
  return {
    sources,
    onBadToken: () => keys.refresh(),
    follow(discovery) {
      followed = discovery;
      const tell = [followModules(discovery, modules), followKeys(discovery, keys)];
      // What is named says nobody else: these come after all others.
      discovery.onChange(() => {
        const isConfigured = [...discovery.waiting].every((name) => names.has(name));
        for (const one of tell) one(isConfigured);
      });
    },
  };
}
