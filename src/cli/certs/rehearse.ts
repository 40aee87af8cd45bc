import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ProxySummary } from "../../api/cli-contract.ts";
import type { CertificateSummary, CertificatesAnswer } from "../../api/contract/certificates.ts";
import type { ApiClient } from "../client.ts";
import type { RunningMesh, UpOptions } from "../deps.ts";
import { parseDuration } from "../duration.ts";
import { CliError, exitCodes } from "../exit.ts";
import type { LoadReport } from "../load/tally.ts";
import { type Format, renderData } from "../output/format.ts";
import { stateRoot } from "../registry.ts";
import type { Session } from "../session.ts";
import type { UpView } from "../up-view.ts";
import { rehearsalName, writeRehearsalMesh } from "./rehearsal-mesh.ts";

export interface RehearsalFlags {
  readonly leafTtl: string;
  readonly rootTtl: string;
  readonly for: string;
  readonly rate: string;
  readonly httpPort: number;
  readonly consolePort: number;
  readonly output: Format;
}

/** What a rehearsal saw. */
interface Rehearsal {
  readonly requests: number;
  readonly failed: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Certificates that workloads had, beyond the first of each. */
  readonly leafRotations: number;
  /** Roots that signed, beyond the first. */
  readonly rootRotations: number;
}

const lookEveryMs = 250;
const patienceMs = 10_000;

/** `weft certs rehearse`: a mesh of its own whose certificates and roots live for seconds, and load on it. Ends with 2 where a request failed or nothing rotated. */
export async function rehearse(flags: RehearsalFlags, session: Session): Promise<void> {
  const { env, home } = session.deps;
  const lives = livesOf(flags);
  const stateDir = join(stateRoot(env, home), rehearsalName);
  rmSync(stateDir, { recursive: true, force: true });
  const options: UpOptions = {
    ...{
      folders: [writeRehearsalMesh(stateDir)],
      name: rehearsalName,
      stateDir,
      registryDir: join(stateDir, "meshes"),
    },
    ...{ httpPort: flags.httpPort, httpsPort: flags.httpPort + 1, consolePort: flags.consolePort },
    authority: { leafLifeMs: lives.leaf, longestLeafMs: lives.leaf, rootLifeMs: lives.root },
    signal: session.deps.interrupted,
  };
  session.say(`A mesh whose certificates live ${flags.leafTtl} and whose roots live ${flags.rootTtl} comes up ...`);
  const mesh = await session.deps.up(options, quiet(session));
  try {
    await tell(await run(mesh, flags, lives.all, session), flags, session);
  } finally {
    await mesh.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function livesOf(flags: RehearsalFlags) {
  const [leaf, root] = [parseDuration("--leaf-ttl", flags.leafTtl), parseDuration("--root-ttl", flags.rootTtl)];
  if (leaf < 4000) throw new CliError(exitCodes.usage, `--leaf-ttl ${flags.leafTtl}: too short`, "from 4s on");
  // The next root is made while there is time for the old one's leaves to end.
  if (root < leaf * 5)
    throw new CliError(exitCodes.usage, `--root-ttl ${flags.rootTtl}: too short`, "at least five times --leaf-ttl");
  return { leaf, root, all: parseDuration("--for", flags.for) };
}

async function run(mesh: RunningMesh, flags: RehearsalFlags, durationMs: number, session: Session): Promise<Rehearsal> {
  const [{ ApiClient }, { runLoad }] = await Promise.all([import("../client.ts"), import("../load/run.ts")]);
  const { deps } = session;
  const server = mesh.console.replace("localhost", "127.0.0.1");
  const client = new ApiClient({ server, from: "the rehearsal" }, deps.interrupted, patienceMs);
  const url = await doorOf(client);
  const seen = { leaves: new Set<string>(), roots: new Set<string>(), firsts: new Set<string>() };
  const over = new AbortController();
  const looking = look(client, seen, over.signal, session);
  const onReport = (report: LoadReport) => {
    if (!report.final && report.done > 0) session.say(progress(report, seen, flags));
  };
  const rate = Number(flags.rate);
  const report = await runLoad({ url, rate, durationMs, timeoutMs: patienceMs }, deps.interrupted, onReport);
  over.abort();
  await looking;
  return {
    ...{ requests: report.done, failed: report.done - report.ok, statuses: report.statuses, errors: report.errors },
    leafRotations: seen.leaves.size - seen.firsts.size,
    rootRotations: Math.max(0, seen.roots.size - 1),
  };
}

/** The gateway by its own address: a door of the machine's may be in another network namespace. */
async function doorOf(client: ApiClient): Promise<string> {
  const { items } = await client.get<{ readonly items: readonly ProxySummary[] }>("proxies");
  const gateway = items.find(({ kind }) => kind === "router");
  if (gateway === undefined) throw new CliError(exitCodes.unexpected, "the rehearsal's mesh has no gateway");
  return `http://${gateway.address.includes(":") ? `[${gateway.address}]` : gateway.address}:8080/`;
}

interface Seen {
  readonly leaves: Set<string>;
  readonly roots: Set<string>;
  /** Names of the workloads that a leaf was seen of. */
  readonly firsts: Set<string>;
}

/** Notes which certificates there are, again and again, until the signal. */
async function look(client: ApiClient, seen: Seen, signal: AbortSignal, { deps }: Session): Promise<void> {
  while (!signal.aborted && !deps.interrupted.aborted) {
    const { items } = await client
      .get<CertificatesAnswer>("certificates", { live: true })
      .catch(() => ({ items: [] as readonly CertificateSummary[] }));
    for (const { kind, serial, state, name, holders } of items) {
      if (kind === "workload" && holders.length > 0) {
        seen.leaves.add(serial);
        seen.firsts.add(name);
      }
      if (kind === "root" && state === "active") seen.roots.add(serial);
    }
    await new Promise<void>((resolve) => deps.clock.after(lookEveryMs, resolve));
  }
}

function progress({ done, ok, elapsedMs }: LoadReport, seen: Seen, flags: RehearsalFlags): string {
  const rotated = seen.leaves.size - seen.firsts.size;
  return `${Math.round(elapsedMs / 1000)}s of ${flags.for}: ${done} requests, ${done - ok} failed; ${rotated} certificates renewed, ${Math.max(0, seen.roots.size - 1)} new roots`;
}

async function tell(told: Rehearsal, flags: RehearsalFlags, session: Session): Promise<void> {
  const good = told.failed === 0 && told.requests > 0 && told.leafRotations > 0 && told.rootRotations > 0;
  if (flags.output === "json" || flags.output === "yaml")
    session.out(
      await renderData({ apiVersion: "cli.weft.dev/v1", kind: "CertificateRehearsal", ...told }, flags.output),
    );
  else {
    const reasons = [...Object.entries(told.statuses), ...Object.entries(told.errors)];
    const how = reasons.map(([what, count]) => `${what}: ${count}`).join(", ");
    session.out(`Requests    ${told.requests}, of which ${told.failed} failed${told.failed > 0 ? ` (${how})` : ""}\n`);
    session.out(`Renewed     ${told.leafRotations} certificates of workloads, ${told.rootRotations} roots\n`);
    if (told.failed === 0 && !good)
      session.warn("nothing was proven: too little was renewed; give it more time with --for");
  }
  if (!good) session.exitCode = exitCodes.findings;
}

/** Says nothing but notes: the mesh is no matter of the user's. */
function quiet(session: Session): UpView {
  return { workloads: () => {}, note: (line) => session.say(line), end: () => {} };
}
