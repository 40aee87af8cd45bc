import type { Service } from "../service.ts";

/** How the answers of a service tell which endpoint gave them, so that the next request of the session goes there again. */
export type Session =
  | { readonly by: "cookie"; readonly name: string; readonly path: string }
  | { readonly by: "header"; readonly name: string };

/** By the labels of the service: `istio.io/persistent-session: NAME:PATH`, or `istio.io/persistent-session-header: NAME`. */
export function sessionOf({ labels }: Pick<Service, "labels">): Session | undefined {
  const cookie = labels["istio.io/persistent-session"] ?? "";
  const header = labels["istio.io/persistent-session-header"] ?? "";
  if (cookie !== "") {
    const colon = cookie.indexOf(":");
    return colon < 0
      ? { by: "cookie", name: cookie, path: "/" }
      : { by: "cookie", name: cookie.slice(0, colon), path: cookie.slice(colon + 1) };
  }
  return header === "" ? undefined : { by: "header", name: header };
}
