import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProxySummary, ShutdownAnswer, VersionAnswer } from "../../src/api/cli-contract.ts";
import type { ApplyAnswer } from "../../src/api/contract/apply.ts";
import type { CertificatesAnswer, ReissueAnswer } from "../../src/api/contract/certificates.ts";
import type { ConfigChange } from "../../src/api/contract/changes.ts";
import type { ConfigDetail, ConfigObject, Finding } from "../../src/api/contract/config.ts";
import type { DeletedObject } from "../../src/api/contract/deleted.ts";
import type { ApiError } from "../../src/api/contract/error.ts";
import type { Mesh } from "../../src/api/contract/mesh.ts";
import type { ProxyConfigDump } from "../../src/api/contract/proxy-config.ts";
import type { Workload } from "../../src/api/contract/workloads.ts";

/** Answers by path; a function sees the request and its body. */
export interface Answers {
  mesh?: Mesh;
  workloads?: readonly Workload[];
  proxies?: { readonly items: readonly ProxySummary[] };
  config?: readonly ConfigDetail[];
  diagnostics?: readonly Finding[];
  version?: VersionAnswer;
  certificates?: () => CertificatesAnswer;
  reissue?: () => ReissueAnswer;
  dumps?: Readonly<Record<string, ProxyConfigDump>>;
  logs?: Readonly<Record<string, string>>;
  apply?: (body: string, query: URLSearchParams) => readonly [status: number, answer: ApplyAnswer];
  delete?: (body: string, query: URLSearchParams) => readonly [status: number, answer: ApplyAnswer];
  changes?: readonly ConfigChange[];
  deleted?: readonly DeletedObject[];
  undo?: (id: string, query: URLSearchParams) => readonly [status: number, answer: ApplyAnswer];
  shutdown?: () => ShutdownAnswer;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** A small control plane with answers of the contract's types, on a free port of this range. */
export async function serve(answers: Answers) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    answer(answers, asked, request, response).catch((error: unknown) => {
      send(response, 500, { error: String(error) } satisfies ApiError);
    });
  });
  for (let port = 21_100; ; port++) {
    server.listen(port, "127.0.0.1");
    const failed = await Promise.race([once(server, "listening").then(() => undefined), once(server, "error")]);
    if (failed === undefined) break;
    if (port > 21_900) throw failed[0];
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(answers: Answers, asked: Asked[], request: IncomingMessage, response: ServerResponse) {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const url = new URL(request.url ?? "/", "http://weft");
  const path = url.pathname.replace(/^\/api\/v1\//, "");
  const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
  asked.push({ method: request.method ?? "", path: path + url.search, token, body });
  if (request.method === "POST") {
    if (token !== "right") return send(response, 401, { error: "this changes the mesh and needs its token" });
    if (path === "shutdown" && answers.shutdown) return send(response, 202, answers.shutdown());
    if (path === "certificates/reissue" && answers.reissue) return send(response, 200, answers.reissue());
    const change = path === "apply" ? answers.apply : path === "delete" ? answers.delete : undefined;
    const undone = /^changes\/(.*)\/undo$/.exec(path)?.[1];
    if (undone !== undefined && answers.undo) return send(response, ...answers.undo(undone, url.searchParams));
    if (change !== undefined) return send(response, ...change(body, url.searchParams));
    return send(response, 404, { error: `there is no ${path}` });
  }
  const [first = "", ...rest] = path.split("/").map(decodeURIComponent);
  if (first === "config" && rest.length === 0) return send(response, 200, (answers.config ?? []).map(withoutYaml));
  if (first === "config") return sendDetail(response, answers.config ?? [], rest);
  if (first === "proxies" && rest.length > 0) {
    const dump = answers.dumps?.[`${rest[0]}/${rest[2]}`];
    return dump ? send(response, 200, dump) : send(response, 404, { error: `there is no proxy ${rest[0]}` });
  }
  if (first === "certificates" && answers.certificates) return send(response, 200, answers.certificates());
  if (first === "logs") {
    const text = answers.logs?.[`${rest[0]}${url.search}`];
    if (text === undefined) return send(response, 404, { error: `no pod ${rest[0]} runs here`, fix: "there is a" });
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(text);
    return;
  }
  const known = answers[first as "mesh" | "workloads" | "proxies" | "diagnostics" | "version" | "changes" | "deleted"];
  if (known === undefined) return send(response, 404, { error: `there is no ${path}` });
  send(response, 200, known);
}

function sendDetail(response: ServerResponse, config: readonly ConfigDetail[], path: readonly string[]) {
  const [type, namespace, name] = path;
  const found = config.find((o) => o.type === type && (o.namespace || "-") === namespace && o.name === name);
  if (found === undefined) send(response, 404, { error: `there is no ${type} ${name}` });
  else send(response, 200, found);
}

function withoutYaml({ yaml: _yaml, ...object }: ConfigDetail): ConfigObject {
  return object;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
