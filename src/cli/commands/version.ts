import type { VersionAnswer } from "../../api/cli-contract.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { booleanOption, outputOption } from "../options.ts";
import { renderData } from "../output/format.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly short?: boolean;
  readonly remote: boolean;
  readonly output: "table" | "json" | "yaml";
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Shows the versions of this program, of the control plane and of the proxies.

Examples:
  weft version
  weft version --remote=false
  weft version -o json`,
    )
    .option("-s, --short", "numbers only")
    .addOption(booleanOption("--remote", "ask the control plane", true))
    .addOption(outputOption(["table", "json", "yaml"]))
    .action((flags: Flags) => version(flags, session));
};

async function version(flags: Flags, session: Session): Promise<void> {
  const client = session.deps.version;
  const answer = flags.remote ? await ask(session) : undefined;
  if (flags.output !== "table") {
    const data = {
      apiVersion: "cli.weft.dev/v1",
      kind: "Version",
      client,
      ...(answer === undefined
        ? {}
        : { controlPlane: answer.version, envoy: answer.envoyVersion, proxies: answer.proxies }),
    };
    session.out(await renderData(data, flags.output));
    return;
  }
  if (answer === undefined) {
    session.out(flags.short || !flags.remote ? `${client}\n` : `client version: ${client}\n`);
    return;
  }
  const counts = new Map<string, number>();
  for (const proxy of answer.proxies) counts.set(proxy.envoyVersion, (counts.get(proxy.envoyVersion) ?? 0) + 1);
  const proxies = [...counts].map(([v, n]) => `${v} (${n} prox${n === 1 ? "y" : "ies"})`).join(", ");
  session.out(
    [
      `client version: ${client}`,
      `control plane version: ${answer.version}`,
      `data plane version: ${proxies || "none"}`,
      "",
    ].join("\n"),
  );
  if (minor(client) !== minor(answer.version))
    session.warn(`this program and the control plane are of different versions (${client} and ${answer.version})`);
}

async function ask(session: Session): Promise<VersionAnswer | undefined> {
  try {
    return await (await session.client()).get<VersionAnswer>("version");
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
    session.say(error.message);
    return undefined;
  }
}

function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
