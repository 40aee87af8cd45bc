import type { HeaderOperations, Headers } from "../../gen/istio/virtual-service.ts";

/** Changes of headers. Values may hold Envoy-style `%VARIABLES%`. */
export interface HeaderChanges {
  readonly request: Changes;
  readonly response: Changes;
  /** A Host to set, from the key `Host` or `:authority`. */
  readonly authority?: string;
}

export interface Changes {
  /** Replaces what is there; sorted by name. */
  readonly set: readonly (readonly [string, string])[];
  /** Comes after what is there; sorted by name. */
  readonly add: readonly (readonly [string, string])[];
  readonly remove: readonly string[];
}

/** Header changes of a route or destination; undefined when there are none. Pseudo headers other than the authority are left alone. */
export function headerChanges(headers: Headers | undefined): HeaderChanges | undefined {
  const authority = authorityOf(headers?.request?.set) ?? authorityOf(headers?.request?.add);
  const request = changes(headers?.request);
  const response = changes(headers?.response);
  if (authority === undefined && isEmpty(request) && isEmpty(response)) return undefined;
  return { request, response, ...(authority === undefined ? {} : { authority }) };
}

function changes(operations: HeaderOperations | undefined): Changes {
  return {
    set: pairs(operations?.set),
    add: pairs(operations?.add),
    remove: (operations?.remove ?? []).filter((name) => !isInternal(name)),
  };
}

function pairs(values: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(values ?? {})
    .filter(([name]) => !isInternal(name))
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function authorityOf(values: Readonly<Record<string, string>> | undefined): string | undefined {
  return Object.entries(values ?? {}).find(([name]) => /^(?:host|:authority)$/i.test(name))?.[1];
}

/** What a proxy refuses to change like any other header. */
function isInternal(name: string): boolean {
  return name.startsWith(":") || name.toLowerCase() === "host";
}

function isEmpty({ set, add, remove }: Changes): boolean {
  return set.length === 0 && add.length === 0 && remove.length === 0;
}
