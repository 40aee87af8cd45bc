import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { ports } from "../agent/bootstrap.ts";
import type { Container } from "./workload.ts";

export interface ApplicationStart {
  readonly command: readonly string[];
  /** Where the command begins. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Put before the command: into the Pod's namespaces. */
  readonly enter: readonly string[];
  /** Put before the command, inside: from root to the user that the application runs as. */
  readonly become: readonly string[];
}

/** Enters, goes to the folder, becomes the user; one process all along. */
export function startApplication(start: ApplicationStart): ChildProcess {
  const [program, ...args] = inPod(start.enter, start.folder, [...start.become, ...start.command]);
  const log = openSync(start.logFile, "a", 0o600);
  try {
    return spawn(program as string, args, { stdio: ["ignore", log, log], detached: true, env: { ...start.env } });
  } finally {
    closeSync(log);
  }
}

/** A command that runs in a Pod's namespaces, in a folder of the machine. */
export function inPod(enter: readonly string[], folder: string, command: readonly string[]): string[] {
  return [...enter, "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", folder, ...command];
}

/** What an application without a namespace of its own has to be told: where to listen, and the way out through its proxy. */
export function loopbackEnv(
  pod: { readonly ip: string; readonly applicationIp: string },
  container: Container | undefined,
): Record<string, string> {
  const port = container?.ports?.[0]?.containerPort;
  const proxy = `http://${pod.ip}:${ports.outbound}`;
  const around = "localhost,127.0.0.1,::1";
  return {
    HOST: pod.applicationIp,
    ...(port === undefined ? {} : { PORT: String(port) }),
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    NO_PROXY: around,
    no_proxy: around,
    // Node's own fetch and http heed the variables above only when told so.
    NODE_USE_ENV_PROXY: "1",
  };
}
