import type { AccessItem } from "../../api/contract/access.ts";
import type { ConfigDetail, ConfigObject } from "../../api/contract/config.ts";
import type { Mesh } from "../../api/contract/mesh.ts";
import type { CommandModule } from "../command-module.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import { outputOption } from "../options.ts";
import { type Format, formats, renderListing } from "../output/format.ts";
import { ago, callerOf, readAccess, type Wanted } from "../policy/access.ts";
import { put } from "../policy/put.ts";
import { strictYaml } from "../policy/strict-yaml.ts";
import type { Session } from "../session.ts";

interface Flags {
  readonly check?: boolean;
  readonly within: string;
  /** `true` where no duration was said. */
  readonly whenClean?: string | true;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly output: Format;
}

export const define: CommandModule["define"] = (command, session) => {
  command
    .usage("NAMESPACE [options]")
    .description(
      `Allows mutual TLS alone in a namespace (PeerAuthentication, mode STRICT), unless
somebody still speaks plaintext to it: then it lists who, and changes nothing. Of
the mesh's root namespace it is the whole mesh.
What it changes it writes as \`weft apply\` does, and says how to take it back.

Examples:
  weft strict shop --check                who still speaks plaintext to whom
  weft strict shop
  weft strict shop --when-clean 1h        when nobody did for an hour`,
    )
    .argument("<namespace>", "the namespace that is called")
    .option("--check", "only list; ends with 2 while the list is not empty")
    .option("--within <duration>", "who did so in this time counts", "10m")
    .option("--when-clean [duration]", "wait until nobody did so for that long (default: 10m), then change it")
    .option("--force", "change it although somebody speaks plaintext")
    .option("--dry-run", "say what would be written, but change nothing")
    .addOption(outputOption(formats))
    .action((namespace: string, flags: Flags) => strict(namespace, flags, session));
};

export const places: CommandModule["places"] = ["namespace", "nothing"];

async function strict(namespace: string, flags: Flags, session: Session): Promise<void> {
  const { namespaces } = await (await session.client()).get<Mesh>("mesh");
  if (!namespaces.includes(namespace))
    throw new CliError(exitCodes.notFound, `there is no namespace ${namespace}`, `there are ${namespaces.join(", ")}`);
  const within = parseDuration("--within", flags.within);
  const called = await calledOf(namespace, session);
  if (flags.whenClean !== undefined) {
    const clean = parseDuration("--when-clean", flags.whenClean === true ? "10m" : flags.whenClean);
    await untilClean(called, clean, session);
    return flip(namespace, flags, session);
  }
  const found = await plaintext(called, within, session);
  await list(found, flags, session);
  if (found.items.length > 0 && flags.force !== true) {
    session.exitCode = exitCodes.findings;
    if (flags.check !== true) session.say("nothing is changed: what they send would be refused");
    return;
  }
  if (flags.check !== true) await flip(namespace, flags, session);
}

interface Found {
  readonly items: readonly AccessItem[];
  readonly now: number;
  /** For how long anybody has been looking, in milliseconds. */
  readonly watched: number;
}

/** Who spoke plaintext, and to whom. Those that go on are told again every ten seconds. */
async function plaintext(called: Wanted, within: number, session: Session): Promise<Found> {
  const { entries, now, since } = await readAccess(session, called);
  const items = entries.filter(({ what, last }) => what === "plaintext" && now - last < within);
  return { items, now, watched: now - since };
}

async function list({ items, now, watched }: Found, flags: Flags, session: Session): Promise<void> {
  session.out(
    await renderListing(
      {
        kind: "PlaintextList",
        items,
        columns: [
          { title: "FROM", of: callerOf },
          { title: "TO", of: ({ destination: d, port }) => `${d.namespace}/${d.workload}:${port}` },
          { title: "TIMES", of: (e) => String(e.count), align: "right" },
          { title: "LAST", of: (e) => ago(now, e.last) },
        ],
        name: (e) => `${e.destination.namespace}/${e.destination.workload}`,
      },
      flags.output,
    ),
  );
  const seconds = Math.round(watched / 1000);
  if (items.length === 0) session.say(`nobody speaks plaintext, as far as is known of the last ${flags.within}`);
  if (watched < parseDuration("--within", flags.within))
    session.warn(`the control plane has been told for ${seconds} s only: who calls more rarely is not known`);
}

/** Resolves when nobody spoke plaintext for that long, while somebody was looking. */
async function untilClean(called: Wanted, clean: number, session: Session): Promise<void> {
  const { clock, interrupted } = session.deps;
  let told = "";
  for (;;) {
    const { items, watched } = await plaintext(called, clean, session);
    if (items.length === 0 && watched >= clean) return;
    const who = [...new Set(items.map(callerOf))].sort().join(", ");
    if (who !== told && who !== "") session.say(`waiting for ${who}`);
    told = who;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(1000, resolve);
      const give = () => {
        cancel();
        resolve();
      };
      interrupted.addEventListener("abort", give, { once: true });
    });
    if (interrupted.aborted) throw new CliError(exitCodes.interrupted, "interrupted: nothing was changed");
  }
}

const type = "PeerAuthentication.security.istio.io";

/** Writes the PeerAuthentication of the whole namespace: the one that there is, with another mode, or a new one. */
async function flip(namespace: string, flags: Flags, session: Session): Promise<void> {
  const client = await session.client();
  const objects = (await client.get<readonly ConfigObject[]>("config")).filter(
    (o) => o.type === type && o.namespace === namespace,
  );
  const details = await Promise.all(
    objects.map((o) => client.get<ConfigDetail>(`config/${type}/${namespace}/${encodeURIComponent(o.name)}`)),
  );
  const { text, exceptions } = await strictYaml(namespace, details);
  for (const { name, at } of exceptions)
    session.warn(`PeerAuthentication ${namespace}/${name} (${at}) is for some workloads or ports, and stays as it is`);
  await put("apply", text, { output: flags.output, ...(flags.dryRun === true ? { dryRun: true } : {}) }, session);
}

/** What is called: the namespace, or all of them where it is the mesh's root, whose PeerAuthentication is the mesh's. */
async function calledOf(namespace: string, session: Session): Promise<Wanted> {
  const client = await session.client();
  const found = await client.get<ConfigDetail>("config/MeshConfig/-/istio").catch(() => undefined);
  const { parse } = await import("yaml");
  const said = found === undefined ? undefined : (parse(found.yaml) as { spec?: Config } & Config);
  const root = said?.spec?.rootNamespace ?? said?.rootNamespace ?? "istio-system";
  return namespace === root ? {} : { namespace };
}

interface Config {
  readonly rootNamespace?: string;
}
