import type { Mesh } from "../../api/contract/mesh.ts";
import type { KeptRequests } from "../../api/contract/requests.ts";
import type { TapRequest, TapState } from "../../api/contract/tap.ts";
import type { ApiClient } from "../client.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration, parseNumber } from "../duration.ts";
import { exitCodes } from "../exit.ts";
import { listOption, namespaceOption, outputOption } from "../options.ts";
import { clientsOf, wantedOf } from "../policy/access.ts";
import type { Session } from "../session.ts";
import { tapEvents } from "../tap/events.ts";
import { lineOf } from "../tap/line.ts";

interface Flags {
  readonly namespace?: string;
  readonly method: readonly string[];
  readonly path?: string;
  readonly host?: string;
  readonly status: readonly string[];
  readonly header: readonly string[];
  readonly from?: string;
  readonly verdict: readonly string[];
  readonly limit: string;
  readonly number?: string;
  readonly since?: string;
  readonly output: string;
}

const formats = ["text", "json"] as const;

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("[NAMESPACE|WORKLOAD] [options]")
    .description(
      `Shows requests as they end, told by the proxies of the workloads that are called
(and by gateways): who called, what was asked, the answer, how long it took, and
which policy refused it. No connection is cut for it. At most 100 a second are
shown, a fair share of all. Values of headers and of queries are never shown.

Examples:
  weft tap
  weft tap reviews                         all versions of an app
  weft tap shop/cart-v1 --method POST --path '/items/*'
  weft tap --status 5xx,429 --from productpage
  weft tap --header end-user=jason
  weft tap --verdict denied -o json
  weft tap shop --since 1h                 what failed or was refused in the last hour`,
    )
    .argument("[target]", "a namespace, a workload or an app: NAMESPACE/NAME, or NAME with -n")
    .addOption(namespaceOption())
    .addOption(listOption("--method <names>", "only these methods"))
    .option("--path <glob>", "only paths like this; * is any text")
    .option("--host <glob>", "only hosts like this")
    .addOption(listOption("--status <codes>", "only these: 503, 5xx, 400-499"))
    .option(
      "--header <name[=glob]>",
      "only with this header; may be given several times",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--from <caller>", "a workload, NAMESPACE/WORKLOAD, a ServiceAccount, a SPIFFE ID or an address")
    .addOption(listOption("--verdict <names>", "allowed, denied, would-deny, unauthenticated, unmatched"))
    .option("--limit <number>", "requests a second", "100")
    .option("--number <requests>", "end after so many")
    .option("--since <duration>", "in the place of watching: those of this time that were kept")
    .addOption(outputOption(formats))
    .action((target: string | undefined, flags: Flags) => tap(target, flags, session));
};

export const places: CommandModule["places"] = ["nothing"];
export const values: CommandModule["values"] = {
  verdict: ["allowed", "denied", "would-deny", "unauthenticated", "unmatched"],
};

async function tap(target: string | undefined, flags: Flags, session: Session): Promise<void> {
  const limit = parseNumber("--limit", flags.limit, 1, 100);
  const most = flags.number === undefined ? Number.POSITIVE_INFINITY : parseNumber("--number", flags.number, 1, 1e9);
  const { namespaces } = await (await session.client()).get<Mesh>("mesh");
  const wanted = wantedOf(target, flags.namespace, (name) => namespaces.includes(name));
  const query = queryOf(flags, wanted, limit);
  if (flags.since !== undefined) return kept(query, flags, session);
  const shown = { left: most };
  const one = (client: ApiClient) => follow(client, query, shown, flags, session);
  // Each replica of a control plane hears its own proxies.
  await Promise.race((await clientsOf(session)).map(one));
  if (session.deps.interrupted.aborted) session.exitCode = exitCodes.interrupted;
}

function queryOf(flags: Flags, wanted: { readonly namespace?: string; readonly workload?: string }, limit: number) {
  const all: readonly (readonly [string, string | undefined])[] = [
    ["namespace", wanted.namespace],
    ["workload", wanted.workload],
    ["method", flags.method.join(",")],
    ["path", flags.path],
    ["host", flags.host],
    ["status", flags.status.join(",")],
    ...flags.header.map((header) => ["header", header] as const),
    ["from", flags.from],
    ["verdict", flags.verdict.join(",")],
    ["limit", String(limit)],
  ];
  return new URLSearchParams(all.filter((pair): pair is [string, string] => (pair[1] ?? "") !== ""));
}

/** What failed or was refused, connections, and what somebody watched; the oldest first. */
async function kept(query: URLSearchParams, flags: Flags, session: Session): Promise<void> {
  const asked = new URLSearchParams(query);
  asked.set("window", String(parseDuration("--since", flags.since ?? "")));
  asked.set("limit", flags.number ?? "1000");
  const client = await session.client();
  const { requests } = await client.get<KeptRequests>(`requests?${asked}`);
  for (const request of requests.toReversed()) print(request, flags, session);
  if (requests.length === 0) session.say("nothing failed or was refused in that time, and nobody watched");
}

async function follow(
  client: ApiClient,
  query: URLSearchParams,
  shown: { left: number },
  flags: Flags,
  session: Session,
): Promise<void> {
  for await (const event of tapEvents(client.stream(`tap?${query}`))) {
    if (event.kind === "state") {
      say(event.state, session);
      continue;
    }
    print(event.request, flags, session);
    shown.left--;
    if (shown.left <= 0) return;
  }
}

function print(request: TapRequest, { output }: Flags, session: Session): void {
  session.out(output === "json" ? `${JSON.stringify(request)}\n` : lineOf(request, session.colors));
}

function say({ proxies, share, skipped }: TapState, session: Session): void {
  if (proxies === 0) session.say("no proxy of that name is connected: nothing is told until one is");
  else if (share < 1) session.say(`${proxies} proxies tell of ${(share * 100).toPrecision(2)} % of the requests`);
  else if (skipped > 0) session.say(`${skipped} requests were too many to show`);
  else session.say(`${proxies} ${proxies === 1 ? "proxy tells" : "proxies tell"} of all requests`);
}
