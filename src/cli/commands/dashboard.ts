import { spawn } from "node:child_process";
import type { LoginLink } from "../../api/contract/session.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { type DoorName, doorOf } from "../kube/doors.ts";
import { openForward } from "../kube/forward.ts";
import { booleanOption, namespaceOption, portOption, revisionOption } from "../options.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly port: number;
  readonly address: string;
  readonly browser: boolean;
  readonly namespace?: string;
  readonly revision?: string;
}

const summaries: Readonly<Record<DoorName, string>> = {
  console: "Weft's console",
  envoy: "a proxy's admin interface: POD, deployment/NAME",
  prometheus: "Prometheus in the install namespace",
  grafana: "Grafana in the install namespace",
};

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[console | envoy POD | prometheus | grafana] [options]")
    .description(
      `Opens a way from this machine to the console, a proxy's admin interface, or
Prometheus or Grafana of a cluster, and keeps it open until Ctrl-C. When the Pod
goes, the next connection goes to another.

Examples:
  weft dashboard
  weft dashboard envoy reviews-v1-5b8c.shop
  weft dashboard envoy deploy/reviews-v1 -n shop --browser=false
  weft dashboard prometheus -p 9090`,
    )
    .argument("[what]", Object.keys(summaries).join(", "), "console")
    .argument("[pod]", "for envoy: a pod or a workload")
    .addOption(portOption("-p, --port <port>", "of this machine; 0: any that is free", 0))
    .option("--address <ip>", "of this machine", "127.0.0.1")
    .addOption(booleanOption("--browser", "open it in the browser", true))
    .addOption(namespaceOption())
    .addOption(revisionOption())
    .action((what: string, pod: string | undefined, flags: Flags) => dashboard(what, pod, flags, session));
};

export const places: CommandModule["places"] = [Object.keys(summaries), "pod", "nothing"];

async function dashboard(what: string, pod: string | undefined, flags: Flags, session: Session): Promise<void> {
  const name = what === "proxy" ? "envoy" : what;
  if (!Object.hasOwn(summaries, name))
    throw new CliError(
      exitCodes.usage,
      `there is no dashboard ${what}`,
      `write one of ${Object.keys(summaries).join(", ")}`,
    );
  const where = await session.where(flags.revision);
  if (!("choice" in where)) {
    if (name !== "console")
      throw new CliError(
        exitCodes.usage,
        `a mesh on this machine has no dashboard ${what}`,
        "name a cluster with --context",
      );
    const url = `${where.server}${await loginPath(session)}`;
    session.out(`${url}\n`);
    return open(url, flags, session);
  }
  const door = await doorOf(where, name as DoorName, pod, flags.namespace);
  const at = { address: flags.address, port: flags.port };
  const opened = await openForward(where, door, at, (says) => session.warn(says));
  session.out(`${opened.url}\n`);
  session.say(`${door.says}; Ctrl-C closes it`);
  open(opened.url, flags, session);
  const { interrupted } = session.deps;
  await new Promise<void>((resolve) => {
    if (interrupted.aborted) resolve();
    interrupted.addEventListener("abort", () => resolve(), { once: true });
  });
  opened.close();
}

/** Where a browser is logged in as who runs this command, once; the page alone for somebody who may not have such a link. */
async function loginPath(session: Session): Promise<string> {
  const client = await session.client();
  // Nobody is sent to a page that is not there.
  if (client.target.token === undefined) await client.get("version");
  else return (await client.post<LoginLink>("login-links", "")).body.path;
  session.say("The console shows the mesh; to change it in there, run this as the user who started the mesh.");
  return "";
}

/** In the user's browser, where this is a terminal's. */
function open(url: string, { browser }: Flags, session: Session): void {
  if (!browser || !session.deps.stdout.isTTY) return;
  const command = { darwin: "open", win32: "explorer" }[process.platform as string] ?? "xdg-open";
  spawn(command, [url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
