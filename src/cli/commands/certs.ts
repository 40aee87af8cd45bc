import { type ListFlags, listCertificates } from "../certs/list.ts";
import { rotateWorkloads } from "../certs/rotate.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { outputOption, revisionOption } from "../options.ts";
import { formats } from "../output/format.ts";

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[options]")
    .description(
      `Shows every certificate of the mesh: roots, the control plane's own, those of
workloads as their proxies have them now, and those that gateways show. On a
cluster proxies are asked with --live; without it you see what they were given.

Examples:
  weft certs
  weft certs --fail-within 30d
  weft certs --context prod --live -o json
  weft certs rotate workloads`,
    )
    .option("--fail-within <duration>", "end with 2 if one that is not renewed ends by then")
    .option("--live", "on a cluster, ask each proxy what it has")
    .addOption(revisionOption())
    .addOption(outputOption(formats))
    .action((flags: ListFlags) => listCertificates(flags, session));
  const rotate = command
    .command("rotate")
    .summary("make new certificates before their time")
    .usage("workloads [options]")
    .description(
      `Makes new certificates before their time is over.

Examples:
  weft certs rotate workloads`,
    );
  rotate
    .command("workloads")
    .summary("give every workload a new certificate")
    .usage("[options]")
    .description(
      `Gives every workload a new certificate, and waits until its proxies have it.
Connections stay open.

Examples:
  weft certs rotate workloads --wait 1m`,
    )
    .option("--wait <duration>", "how long to wait for proxies", "30s")
    .action(({ wait }: { readonly wait: string }) => rotateWorkloads(session, parseDuration("--wait", wait)));
};
