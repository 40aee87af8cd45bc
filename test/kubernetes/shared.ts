import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import { type ApiServer, apiServer } from "./api-server.ts";
import { howToGet, missingPrograms } from "./programs.ts";

/**
 * Whether this machine has no API server to test with; says so once in a run. For `describe.skipIf(noApiServer())`; in CI nothing may be skipped,
 * so there it answers false and the tests fail.
 */
export function noApiServer(): boolean {
  const missing = missingPrograms(["etcd", "kube-apiserver", "kubectl"]);
  if (missing.length === 0) return false;
  const what = `no ${missing.join(", no ")} here: tests against an API server`;
  if (once("no-api-server"))
    process.stderr.write(`${what} ${process.env["CI"] ? "fail" : "are skipped"} (${howToGet(missing)})\n`);
  return process.env["CI"] === undefined;
}

/**
 * The API server that all test files of this run share, started for the first who asks. Take namespaces of your own; what is one in a cluster
 * (CRDs, webhooks, ClusterRoles) give names of your own, or start a server for yourself with `ownApiServer`.
 */
export async function sharedApiServer(): Promise<ApiServer> {
  const folder = inject("kubernetes");
  const answer = JSON.parse(await text(connect(join(folder, "door")))) as { port?: number; error?: string };
  if (answer.port === undefined) throw new Error(answer.error);
  return apiServer(join(folder, "api"), answer.port);
}

function once(name: string): boolean {
  try {
    mkdirSync(join(inject("kubernetes"), name));
    return true;
  } catch {
    return false;
  }
}
