import type { ChangeOptions, MeshActions } from "./actions.ts";
import { certificateRoutes } from "./certificate-routes.ts";
import { configTypes, type ShutdownAnswer, type VersionAnswer } from "./cli-contract.ts";
import type { AppliedObject, ApplyAnswer } from "./contract/apply.ts";
import type { ConfigType, ProxyConfigDump } from "./contract/proxy-config.ts";
import { Refusal, readBody, sendJson } from "./http/answer.ts";
import type { EventClock } from "./http/events.ts";
import { type Call, durationOf, flagOf, type Route } from "./http/route.ts";
import { policyAnswer } from "./policy-answer.ts";
import { proxyId, proxySummary } from "./proxy-state.ts";
import { withoutSecrets } from "./redact.ts";
import type { MeshState, ProxyStatus } from "./state.ts";
import { waitForProxies } from "./wait.ts";
import { demand, permitOf } from "./who/admit.ts";

export interface Controllable {
  readonly state: MeshState;
  readonly actions: MeshActions;
  readonly clock: EventClock;
  /** Bytes of a body. */
  readonly bodyLimit: number;
}

/** What the CLI asks for beside the console's contract. */
export function cliRoutes(mesh: Controllable): Route[] {
  const { state, actions } = mesh;
  const route = (method: Route["method"], path: string, handle: Route["handle"]): Route => ({
    method,
    path: `/api/v1/${path}`,
    ...(method === "GET" ? { needs: "sight" } : {}),
    handle,
  });
  const change = (path: string, handle: Route["handle"]): Route => ({
    ...route("POST", path, handle),
    needs: "change",
  });
  return [
    route("GET", "proxies", ({ response }) => sendJson(response, { items: state.proxies().map(proxySummary) })),
    route("GET", "proxies/{id}/config/{type}", (call) => configAnswer(mesh, call)),
    route("GET", "policy/check", (call) => policyAnswer(mesh, call)),
    change("apply", (call) => applyAnswer(mesh, call, need(actions.apply, "applying objects"))),
    change("delete", (call) => applyAnswer(mesh, call, need(actions.remove, "deleting objects"))),
    ...certificateRoutes(actions),
    route("GET", "version", ({ response }) => sendJson(response, versionAnswer(state))),
    route("POST", "shutdown", ({ response }) => {
      const shutdown = need(actions.shutdown, "stopping it");
      response.on("finish", shutdown);
      sendJson(response, { stopping: true } satisfies ShutdownAnswer, 202);
    }),
  ];
}

function need<T>(part: T | undefined, what: string): T {
  if (part === undefined) throw new Refusal(501, `this control plane does not offer ${what}`);
  return part;
}

function versionAnswer(state: MeshState): VersionAnswer {
  const { version, envoyVersion } = state.about();
  const proxies = state.proxies().map((p) => ({ id: proxyId(p), envoyVersion: p.envoyVersion ?? "unknown" }));
  return { version, envoyVersion, proxies };
}

async function configAnswer({ state, actions }: Controllable, call: Call): Promise<void> {
  const { params, query, response, caller } = call;
  const status = findProxy(state, params["id"] ?? "");
  await demand(caller, { what: "proxy", namespace: status.proxy.namespace });
  const type = params["type"] as ConfigType;
  if (!configTypes.includes(type))
    throw new Refusal(404, `"${type}" is no part of a proxy's configuration`, `use one of ${configTypes.join(", ")}`);
  const source = query.get("source") ?? "sent";
  if (source !== "sent" && source !== "envoy")
    throw new Refusal(400, `source: "${source}" is none`, "use sent or envoy");
  const ask =
    source === "sent" ? need(actions.sentConfig, "what was sent") : need(actions.envoyConfig, "what Envoy holds");
  const found = await ask(status.proxy.id, type).catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    throw new Refusal(502, `${proxyId(status)} did not answer: ${words}`, "look at its log: weft logs -c proxy");
  });
  if (found === undefined) throw new Refusal(404, `${proxyId(status)} has no configuration here`);
  const resources = found.map((one) => ({ ...one, resource: withoutSecrets(one.resource) }));
  sendJson(response, { proxy: proxyId(status), type, source, resources } satisfies ProxyConfigDump);
}

/** A proxy by `pod.namespace`, by its pod's name where only one has it, or by Envoy's node id. */
function findProxy(state: MeshState, id: string): ProxyStatus {
  const proxies = state.proxies();
  const exact = proxies.find((p) => proxyId(p) === id || p.proxy.id === id);
  const named = proxies.filter((p) => p.proxy.name === id);
  const found = exact ?? (named.length === 1 ? named[0] : undefined);
  if (found) return found;
  if (named.length > 1)
    throw new Refusal(409, `several proxies are named ${id}`, `add the namespace: ${named.map(proxyId).join(", ")}`);
  throw new Refusal(404, `there is no proxy ${id}`, "weft proxy-status lists them");
}

type Change = (
  text: string,
  options: ChangeOptions & { readonly folder?: string },
) => Promise<readonly AppliedObject[]>;

async function applyAnswer(mesh: Controllable, call: Call, change: Change): Promise<void> {
  const { request, response, query, caller, note } = call;
  const dryRun = flagOf(query, "dryRun");
  const wait = durationOf(query, "wait", 30_000);
  const folder = query.get("folder");
  const text = await readBody(request, mesh.bodyLimit);
  const permit = permitOf(caller);
  let id: string | undefined;
  const kept = (as: string) => {
    id = as;
  };
  const how = { dryRun, permit, caller, kept, ...basesOf(query), ...(folder === null ? {} : { folder }) };
  const objects = await change(text, how).catch(unwritten);
  const undo = id === undefined ? {} : { change: id };
  for (const { name, namespace, outcome } of objects)
    note(`${namespace}/${name}: ${outcome}${dryRun ? " (dry run)" : ""}`);
  const refused = objects.some((o) => o.outcome === "refused");
  const forbidden = objects.length > 0 && objects.every((o) => o.forbidden === true);
  if (wait === undefined || dryRun || forbidden) {
    sendJson(response, { dryRun, objects, ...undo } satisfies ApplyAnswer, forbidden ? 403 : refused ? 422 : 200);
    return;
  }
  const waited = await waitForProxies(mesh, wait, response);
  const status = refused || (!waited.done && !waited.late) ? 422 : waited.late ? 504 : 200;
  const { late: _late, ...told } = waited;
  sendJson(response, { dryRun, objects, ...undo, wait: told } satisfies ApplyAnswer, status);
}

/** What the change is based on, and whether it is to be made whoever else manages the fields. */
function basesOf(query: URLSearchParams): Pick<ChangeOptions, "bases" | "force"> {
  const said = query.getAll("basis").map((one) => {
    const at = one.lastIndexOf("@");
    return [one.slice(0, at), one.slice(at + 1)] as const;
  });
  return { bases: new Map(said), force: flagOf(query, "force") };
}

/** What the disk said when a change could not be kept. Other faults go on as they are. */
function unwritten(error: NodeJS.ErrnoException): never {
  if (error.syscall === undefined || error.code === undefined) throw error;
  throw new Refusal(
    507,
    `the change could not be kept: ${error.message}`,
    "make room on that disk, and apply it again",
  );
}
