import type { Permit } from "../actions.ts";
import { Refusal } from "../http/answer.ts";
import type { Route } from "../http/route.ts";
import type { Act, Caller, Sight } from "./caller.ts";
import { needsLogin } from "./gate.ts";

/** What a route asks of who uses it. */
export type RouteNeeds = Pick<Route, "method" | "needs" | "reads">;

/** Whether it may change something. */
export function isChange({ method, reads }: RouteNeeds): boolean {
  return method !== "GET" && reads !== true;
}

/** Throws a Refusal unless who asks may use the route at all. */
export async function admit(route: RouteNeeds, caller: Caller | undefined, sight: Sight): Promise<void> {
  if (route.needs === "nothing") return;
  if (caller === undefined) throw needsLogin("this control plane tells of its mesh to those who have logged in");
  const changes = isChange(route);
  if (changes && caller.how === "machine") throw needsLogin("this changes the mesh, and nobody has logged in");
  if (route.needs === "operate" && caller.how === "machine")
    throw needsLogin("this is told to those who have logged in");
  if (route.needs === "change") return;
  if (changes || route.needs === "operate") return demand(caller, { what: "operate" });
  if (sight === "all" || (route.needs === "sight" && sight.size > 0)) return;
  throw new Refusal(
    403,
    route.needs === "sight" ? `${caller.name} may see no namespace of this mesh` : "this tells of all namespaces",
    `ask for the right: ${caller.name} has logged in, and may not see ${route.needs === "sight" ? "any" : "all"} of them`,
  );
}

/** Throws a Refusal unless somebody may do that. */
export async function demand(caller: Caller, act: Act): Promise<void> {
  if (await answered(caller.rights.may(act))) return;
  throw new Refusal(403, `${caller.name} may not ${wordsOf(act)}`, "ask whoever runs this mesh for the right");
}

/** What whoever decides has answered. Rejects with a Refusal where they cannot be asked: then nothing is allowed. */
export function answered<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    if (error instanceof Refusal) throw error;
    throw new Refusal(503, `nobody can say now what you may: ${(error as Error).message}`, "try again in a moment");
  });
}

/** `update VirtualService.networking.istio.io shop/cart`. */
export function wordsOf(act: Act): string {
  if (act.what === "operate") return "do what concerns the whole mesh";
  if (act.what === "logs") return `read logs in namespace ${act.namespace}`;
  if (act.what === "proxy") return `read what proxies in namespace ${act.namespace} were sent`;
  return `${act.what} ${act.type} ${act.namespace === "" ? "" : `${act.namespace}/`}${act.name}`;
}

/** What is asked before each object is changed. */
export function permitOf(caller: Caller): Permit {
  return async (act) => ((await caller.rights.may(act)) ? undefined : `${caller.name} may not ${wordsOf(act)}`);
}
