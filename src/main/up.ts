import { join, resolve } from "node:path";
import type { RunningMesh, UpOptions } from "../cli/deps.ts";
import { CliError, exitCodes } from "../cli/exit.ts";
import { enterMesh, leaveMesh } from "../cli/registry.ts";
import type { UpView } from "../cli/up-view.ts";
import type { Discovery } from "../discovery/discovery.ts";
import { createHost, type Host } from "../host/host.ts";
import { chooseMode } from "../host/mode.ts";
import type { Door } from "../host/options.ts";
import { enterUserNamespace } from "../host/userns.ts";
import { serviceAddresses } from "../plan/service-addresses.ts";
import { authenticator } from "./authentication.ts";
import { type BootstrapPatcher, bootstrapPatcher, envoyRefusal } from "./bootstrap-patches.ts";
import { certificateGauges } from "./certificate-gauges.ts";
import { systemClock as clock } from "./clock.ts";
import { configSources, overlayOf } from "./config-sources.ts";
import { createControlPlane } from "./control-plane.ts";
import { packageDir } from "./data.ts";
import { ensureEnvoy } from "./envoy.ts";
import { fetchedParts } from "./fetched.ts";
import { frontPage } from "./front-page.ts";
import { firstDoors, followGateways } from "./gateway-doors.ts";
import { authorityOptions, type Identities, openIdentities } from "./identity-authority.ts";
import { keeperCommand } from "./keeper-command.ts";
import { fileLog } from "./log.ts";
import { consoleAt, openManagement } from "./management.ts";
import { NameBook } from "./names.ts";
import { refuseInstalledSample } from "./own-sample.ts";
import { meshConfigIn } from "./proxy-trust.ts";
import { systemRandom as random } from "./random.ts";
import { countersAt } from "./rate-limits.ts";
import { untilReady } from "./readiness.ts";
import { secretsOf } from "./secrets.ts";
import { serverCertificate } from "./server-certificate.ts";
import { trustDomainOf } from "./trust-domain.ts";

const xdsPort = 15012;

/** A mesh on this machine: control plane, certificate authority, proxies and applications. */
export async function up(options: UpOptions, view: UpView): Promise<RunningMesh> {
  try {
    return await bringUp(options, view);
  } catch (error) {
    throw portTaken(error as Error, options) ?? stateTaken(error as Error) ?? error;
  }
}

/** A port that is taken, in the user's words; undefined for other faults. */
function portTaken({ message }: Error, options: UpOptions): CliError | undefined {
  const port = Number(/^port (\d+) is taken/.exec(message)?.[1]);
  const flags = {
    "--http-port": options.httpPort,
    "--https-port": options.httpsPort,
    "--console-port": options.consolePort,
  };
  const flag = Object.entries(flags).find(([, value]) => value === port)?.[0];
  if (flag === undefined) return undefined;
  const fix = `stop what listens there (ss -ltnp 'sport = :${port}'), or choose another with ${flag}`;
  return new CliError(exitCodes.conflict, `port ${port} is taken`, fix);
}

/** A state folder that another mesh uses, in the user's words; undefined for other faults. */
function stateTaken({ message }: Error): CliError | undefined {
  const [what, fix] = message.split("; ");
  if (what === undefined || !what.includes(": a mesh runs here already")) return undefined;
  return new CliError(exitCodes.conflict, what, fix);
}

async function bringUp(options: UpOptions, view: UpView): Promise<RunningMesh> {
  refuseInstalledSample(options.folders, packageDir);
  const { mode, because } = await chooseMode();
  const inside = process.env["WEFT_OUTER_USER"] !== undefined;
  // Who runs anew inside the user namespace has told it already.
  if (because !== undefined && !inside) view.note(`note: ${because}`);
  if (mode === "userns" && !inside) {
    const gateways = await firstDoors(sourcesOf(options, mode), ownPorts(options));
    await enterUserNamespace(
      { stateDir: options.stateDir, doors: [...ownPorts(options), ...gateways.map((d) => d.port)], keeperCommand },
      process.argv.slice(1),
    );
  }
  const log = fileLog("info", join(options.stateDir, "control-plane.log"));
  const envoyPath = await ensureEnvoy((line) => view.note(line));
  const trustDomain = trustDomainOf(options.meshConfig);
  const identities = await openIdentities(options.stateDir, trustDomain, {
    clock,
    random,
    log,
    ...authorityOptions(options),
  });
  const bootstraps = bootstrapPatcher({ refusal: (made) => envoyRefusal(envoyPath, made), trustDomain, log });
  const host = await createHost({
    stateDir: options.stateDir,
    mode,
    envoyPath,
    xds: { port: xdsPort, rootCertFile: identities.rootFile },
    tokenFor: (identity, pod) => identities.tokens.issue({ identity, pod: pod.name }),
    trustDomain,
    doors: [...ingressDoors(options), ...(mode === "userns" ? [consoleDoor(options)] : [])],
    keeperCommand,
    bootstrapOverride: bootstraps.patch,
    clock,
    random,
    log,
  });
  try {
    return await run(options, view, { host, identities, trustDomain, log, bootstraps });
  } catch (error) {
    await host.stop();
    throw error;
  }
}

/** Ports that no Gateway's door may take. */
function ownPorts({ httpPort, httpsPort, consolePort }: UpOptions): ReadonlySet<number> {
  return new Set([httpPort, httpsPort, consolePort]);
}

function sourcesOf(options: UpOptions, mode: Host["mode"]) {
  return configSources({ ...options, gateway: true, routers: { lowPorts: mode !== "loopback" } }, clock);
}

function ingressDoors({ httpPort, httpsPort }: UpOptions): readonly Door[] {
  const labels = { istio: "ingressgateway" };
  return [
    { port: httpPort, to: { labels, port: 8080 } },
    { port: httpsPort, to: { labels, port: 8443 } },
  ];
}

/** In a user namespace the console listens inside; its door is outside. */
function consoleDoor({ consolePort }: UpOptions): Door {
  return { port: consolePort, to: { address: "127.0.0.1", port: consolePort } };
}

interface Parts {
  readonly host: Host;
  readonly identities: Identities;
  readonly trustDomain: string;
  readonly log: ReturnType<typeof fileLog>;
  readonly bootstraps: BootstrapPatcher;
}

async function run(
  options: UpOptions,
  view: UpView,
  { host, identities, trustDomain, log, bootstraps }: Parts,
): Promise<RunningMesh> {
  const settings = () => meshConfigIn(plane.discovery.snapshot);
  const secrets = secretsOf({ authority: identities.authority, clock, random, log, settings });
  const upkeep = identities.keep(secrets.store.retry);
  const sources = [...sourcesOf(options, host.mode), host];
  const plane = createControlPlane({
    clock,
    log,
    trustDomain,
    ...(options.eager === undefined ? {} : { eager: options.eager }),
    sources,
    secrets,
    fetched: fetchedParts(options.stateDir, options.fetchFrom),
    counters: countersAt(options.rateLimitRedis, clock, log),
    authenticate: authenticator(identities.tokens, clock),
    authority: identities.authority,
    certificates: certificateGauges(identities.authority, secrets.store, clock),
  });
  const certificate = await serverCertificate(
    identities.authority,
    { dns: [], ips: [host.address] },
    { clock, random, log, files: identities.files },
  );
  const port = await plane.listen({ host: host.address, port: xdsPort, tls: certificate.first });
  certificate.follow(port.setTls);
  bootstraps.follow(plane.discovery);
  follow(plane.discovery, host);
  const gateways = followGateways(plane.discovery, host, ownPorts(options));
  const { promise: stopAsked, resolve: askedToStop } = Promise.withResolvers<void>();
  const management = await openManagement({
    ...options,
    plane,
    secrets,
    identity: { authority: identities.authority, certificate },
    host,
    overlay: overlayOf(options.stateDir),
    trustDomain,
    clock,
    random,
    log,
    onShutdown: askedToStop,
    gatewayDoors: () => gateways().map((door) => door.address),
  });
  await plane.start();
  enter(options, management.token);
  const stop = async () => {
    leaveMesh(options.registryDir, options.name, process.pid);
    certificate.stop();
    upkeep();
    const pods = plane.discovery.proxies().length;
    await host.stop();
    await management.close();
    await plane.stop();
    secrets.store.close();
    return removed(host, pods);
  };
  try {
    await untilReady(plane.discovery, view, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    doors: [`http://localhost:${options.httpPort}${frontPage(plane.discovery.snapshot)}`.replace(/\/$/, "")],
    gateways: gateways().map(({ gateway, listener, address }) => ({ name: `${gateway}:${listener}`, address })),
    ...consoleAt(options.consolePort, management),
    stopAsked,
    stop,
  };
}

/** From now on other commands find it. */
function enter(options: UpOptions, token: string): void {
  enterMesh(options.registryDir, {
    name: options.name,
    dir: resolve(options.folders[0] ?? "."),
    server: `http://127.0.0.1:${options.consolePort}`,
    token,
    pid: process.pid,
    startedAt: clock.now(),
    stateDir: options.stateDir,
  });
}

function removed(host: Host, pods: number): readonly string[] {
  const spaces = host.mode === "loopback" ? [] : [`${pods} network namespaces`];
  return [`${pods} workloads with their proxies`, ...spaces];
}

/** The host hears of every change: what shall run, and which names and addresses are known. */
function follow(discovery: Discovery, host: Host): void {
  const names = new NameBook(discovery);
  let services: unknown;
  discovery.onChange(() => {
    if (!discovery.synced) return;
    host.reconcile(discovery.snapshot);
    const known = names.changed();
    if (known !== undefined) host.setNames(known.all, known.views);
    const servicesNow = discovery.tracker.ask(serviceAddresses, "");
    if (servicesNow !== services) host.setServices(servicesNow);
    services = servicesNow;
  });
}
