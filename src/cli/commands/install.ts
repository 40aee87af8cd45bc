import { Option } from "commander";
import { stringify } from "yaml";
import { type Installation, installationOf, readCharts } from "../../install/installation.ts";
import type { KubeObject } from "../../install/object.ts";
import type { CommandModule } from "../command-module.ts";
import { CliError, exitCodes } from "../exit.ts";
import { gatherValues, type ValueFlags, valueOptions } from "../install/values.ts";
import type { Session } from "../session.ts";

interface Flags extends ValueFlags {
  readonly namespace: string;
  readonly dryRun?: "client" | "server" | true;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .description(
      `Puts the control plane into a cluster, from the same templates as the Helm
charts, or brings it up to date.

Examples:
  weft install --profile demo
  weft install --set controlPlane.replicas=3
  weft install --dry-run=client | kubectl apply --server-side -f -`,
    )
    .addOption(new Option("-n, --namespace <name>", "where to").default("istio-system"))
    .addOption(new Option("--dry-run [how]", "change nothing; print the objects").choices(["client", "server"]));
  for (const option of valueOptions()) command.addOption(option);
  command.action((flags: Flags) => install(flags, session));
};

export const places: CommandModule["places"] = [];
export const values: CommandModule["values"] = { values: "file", namespace: "namespace" };

async function install(flags: Flags, session: Session): Promise<void> {
  const { deps } = session;
  const charts = readCharts(deps.chartsFolder);
  const wanted = { namespace: flags.namespace, values: gatherValues(flags, deps), service: "weft" };
  const installation = installationOf(charts, wanted);
  if (flags.dryRun === undefined || flags.dryRun === "server")
    throw new CliError(
      exitCodes.usage,
      "only --dry-run=client works yet",
      "pipe it into kubectl apply --server-side -f -",
    );
  session.out(yamlOf(installation));
}

function yamlOf({ crds, objects }: Installation): string {
  const text = (object: KubeObject) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false });
  return [...crds, ...objects].map((object) => `---\n${text(object)}`).join("");
}
