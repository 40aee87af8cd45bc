import type { Command } from "commander";
import { type ListFlags, listCertificates } from "../certs/list.ts";
import { type RehearsalFlags, rehearse } from "../certs/rehearse.ts";
import { newRoot } from "../certs/root.ts";
import { rotateWorkloads } from "../certs/rotate.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { outputOption, portOption, revisionOption } from "../options.ts";
import { formats } from "../output/format.ts";
import type { Session } from "../session.ts";

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
  defineRotate(command, session);
  defineRehearse(command, session);
  command.enablePositionalOptions();
  command
    .command("recover")
    .summary("make a new root where the key of the old one is lost")
    .usage("--new-root")
    .description(
      `Makes a new root where the key of the old one is lost. Both are trusted until
every certificate of the old one has ended; nothing is restarted. Where the key is
there it does nothing: weft certs rotate root is for that.

Examples:
  weft certs recover --new-root`,
    )
    .requiredOption("--new-root", "yes, a new root")
    .action(() => newRoot("recover", false, session));
};

function defineRotate(command: Command, session: Session): void {
  const rotate = command
    .command("rotate")
    .summary("make new certificates before their time")
    .usage("workloads | root")
    .description(
      `Makes new certificates before their time is over.

Examples:
  weft certs rotate workloads
  weft certs rotate root`,
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
  rotate
    .command("root")
    .summary("make the next root; both are trusted meanwhile")
    .usage("[options]")
    .description(
      `Makes the next root. It signs once every proxy with a valid certificate has heard
of it, and the old one is trusted until its last certificate has ended. No request
fails: weft certs rehearse shows it.

Examples:
  weft certs rotate root`,
    )
    .option("--now", "it signs at once, before every proxy has heard of it")
    .action(({ now }: { readonly now?: true }) => newRoot("rotate", now ?? false, session));
}

function defineRehearse(command: Command, session: Session): void {
  command.enablePositionalOptions();
  command
    .command("rehearse")
    .summary("see rotations under load, in a mesh of their own")
    .usage("[options]")
    .description(
      `Brings up a small mesh of its own on this machine whose certificates and roots
live for seconds, sends requests of which each makes new connections, and counts
failures and rotations. Ends with 2 unless nothing failed and all was rotated.

Examples:
  weft certs rehearse
  weft certs rehearse --root-ttl 60s --for 5m`,
    )
    .option("--leaf-ttl <duration>", "life of workloads' certificates", "10s")
    .option("--root-ttl <duration>", "life of roots", "60s")
    .option("--for <duration>", "how long", "2m")
    .option("-r, --rate <number>", "requests a second", "50")
    .addOption(portOption("--http-port <port>", "of its gateway; the next one is taken, too", 18080))
    .addOption(portOption("--console-port <port>", "of its console", 18090))
    .addOption(outputOption(["table", "json", "yaml"]))
    // The command above has the same option, and takes it from the line.
    .action((_: unknown, self: Command) => rehearse(self.optsWithGlobals<RehearsalFlags>(), session));
}
