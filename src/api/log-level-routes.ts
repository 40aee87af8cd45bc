import { types } from "../model/types.ts";
import type { LevelChange, MeshActions } from "./actions.ts";
import type { LogLevel, LogLevels } from "./contract/log-levels.ts";
import { Refusal, sendJson } from "./http/answer.ts";
import type { Call, Route } from "./http/route.ts";
import { proxyId } from "./proxy-state.ts";
import type { MeshState, ProxyStatus } from "./state.ts";
import { demand } from "./who/admit.ts";

interface Mesh {
  readonly state: MeshState;
  readonly actions: Pick<MeshActions, "logLevels">;
}

const path = "/api/v1/proxies/{id}/log-levels";
const levels: readonly LogLevel[] = ["trace", "debug", "info", "warning", "error", "critical", "off"];
const usual: LogLevel = "warning";

/** How much proxies write into their logs. Reading needs what reading their configuration does, changing what changing their Pod does. */
export function logLevelRoutes(mesh: Mesh): Route[] {
  return [
    { method: "GET", path, needs: "sight", handle: (call) => readAnswer(mesh, call) },
    { method: "POST", path, needs: "change", handle: (call) => changeAnswer(mesh, call) },
  ];
}

async function readAnswer(mesh: Mesh, call: Call): Promise<void> {
  const found = proxyIn(mesh, call);
  await demand(call.caller, { what: "proxy", namespace: found.proxy.namespace });
  sendJson(call.response, await levelsOf(mesh, found));
}

async function changeAnswer(mesh: Mesh, call: Call): Promise<void> {
  const found = proxyIn(mesh, call);
  const { namespace, name } = found.proxy;
  await demand(call.caller, { what: "update", type: types.Pod, namespace, name });
  const change = changeIn(call.query);
  if (change.logger !== undefined && !(await levelsOf(mesh, found)).loggers.some((one) => one.name === change.logger))
    throw new Refusal(
      400,
      `logger: the Envoy of ${proxyId(found)} has no "${change.logger}"`,
      "leave it out to set all",
    );
  const answer = await levelsOf(mesh, found, change);
  call.note(`Pod ${namespace}/${name}: its proxy logs ${change.logger ?? "everything"} at ${change.level}`);
  sendJson(call.response, answer);
}

/** The proxy that is meant. Only those that may be seen are there. */
function proxyIn({ state }: Mesh, { params }: Call): ProxyStatus {
  const id = params["id"] ?? "";
  const found = state.proxies().find((one) => one.proxy.id === id || proxyId(one) === id);
  if (found !== undefined) return found;
  throw new Refusal(404, `no proxy ${id} is known`, "weft proxy-status lists them");
}

async function levelsOf({ actions }: Mesh, found: ProxyStatus, change?: LevelChange): Promise<LogLevels> {
  if (actions.logLevels === undefined)
    throw new Refusal(
      501,
      "this control plane does not reach its proxies' admin interface",
      "weft proxy-config log POD does",
    );
  const id = proxyId(found);
  const loggers = await actions.logLevels(id, change).catch((error: Error) => {
    throw new Refusal(502, `${id} did not answer: ${error.message}`, "look at its log: weft logs -c proxy");
  });
  if (loggers === undefined) throw new Refusal(404, `${id} has no Envoy that can be asked`);
  return { proxy: id, loggers, usual };
}

function changeIn(query: URLSearchParams): LevelChange {
  const said = query.get("level") ?? "";
  const level = levels.find((one) => one === said);
  if (level === undefined) throw new Refusal(400, `level: "${said}" is none`, `use one of ${levels.join(", ")}`);
  const logger = query.get("logger") ?? "";
  if (logger === "") return { level };
  if (!/^[\w.]{1,100}$/.test(logger)) throw new Refusal(400, "logger: that is no logger's name");
  return { logger, level };
}
