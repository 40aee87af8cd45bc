import type { Command } from "commander";
import type { AccessItem } from "../../api/contract/access.ts";
import type { Mesh } from "../../api/contract/mesh.ts";
import { namespaceOption, outputOption } from "../options.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import type { Session } from "../session.ts";
import { ago, callerOf, readAccess, wantedOf } from "./access.ts";

interface Flags {
  readonly namespace?: string;
  readonly output: Format;
}

/** `weft policy denials`: who was refused, and by which policy. */
export function defineDenials(command: Command, session: Session): void {
  command
    .command("denials")
    .summary("who was refused, or would be in a dry run, and by which policy")
    .usage("[NAMESPACE|WORKLOAD] [options]")
    .description(
      `Who was refused since the control plane began, by which rule of which policy, and
where that is written. Dry runs show what they would refuse.

Examples:
  weft policy denials
  weft policy denials shop
  weft policy denials shop/cart -o json`,
    )
    .argument("[target]", "a namespace, or a workload: NAMESPACE/NAME, or NAME with -n")
    .addOption(namespaceOption())
    .addOption(outputOption(formats))
    .action((target: string | undefined, flags: Flags) => denials(target, flags, session));
}

async function denials(target: string | undefined, flags: Flags, session: Session): Promise<void> {
  const { namespaces } = await (await session.client()).get<Mesh>("mesh");
  const wanted = wantedOf(target, flags.namespace, (name) => namespaces.includes(name));
  const { now, since, entries } = await readAccess(session, wanted);
  const items = entries.filter(({ what }) => what === "denied" || what === "dry-run" || what === "unmatched");
  session.out(
    await renderListing(
      {
        kind: "DenialList",
        items,
        columns: [
          { title: "WHAT", of: (e) => (e.what === "dry-run" ? "would be denied" : "denied") },
          { title: "FROM", of: callerOf },
          { title: "TO", of: ({ destination: d, port }) => `${d.namespace}/${d.workload}:${port}` },
          { title: "REQUEST", of: requestOf },
          { title: "TIMES", of: (e) => String(e.count), align: "right" },
          { title: "LAST", of: (e) => ago(now, e.last) },
          { title: "BY", of: decidedBy },
        ],
        name: (e) => `${e.destination.namespace}/${e.destination.workload}`,
      },
      flags.output,
    ),
  );
  if (items.length === 0) session.say(`nobody was refused since ${new Date(since).toISOString().slice(0, 19)}Z`);
}

function requestOf({ protocol, method, path }: AccessItem): string {
  return protocol === "tcp" ? "a connection" : `${method ?? ""} ${path ?? ""}`.trim();
}

/** `shop/no-admin rule 0 (policies.yaml:14:5)`. */
function decidedBy({ what, policy }: AccessItem): string {
  if (what === "unmatched") return "plaintext where mutual TLS is strict";
  if (policy === undefined) return "no policy that allows matches";
  const { namespace, name, rule, at } = policy;
  return `${namespace}/${name} rule ${rule}${at === undefined ? "" : ` (${at})`}`;
}
