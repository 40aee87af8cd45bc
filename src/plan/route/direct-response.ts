import type { HTTPDirectResponse } from "../../gen/istio/virtual-service.ts";

/** The proxy answers by itself. */
export interface DirectResponse {
  readonly kind: "directResponse";
  readonly status: number;
  readonly body?: { readonly text: string } | { readonly base64: string };
}

export function directResponse(said: HTTPDirectResponse): DirectResponse {
  const { string: text, bytes: base64 } = said.body ?? {};
  const body = text !== undefined ? { text } : base64 !== undefined ? { base64 } : undefined;
  return { kind: "directResponse", status: said.status, ...(body ? { body } : {}) };
}
