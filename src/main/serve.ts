import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Authority } from "../ca/authority.ts";
import type { SvidStore } from "../ca/svid-store.ts";
import type { RunningControlPlane, ServeOptions } from "../cli/deps.ts";
import { enterMesh, leaveMesh } from "../cli/registry.ts";
import type { Log } from "../std/log.ts";
import { anonymous, authenticator } from "./authentication.ts";
import { certificateGauges } from "./certificate-gauges.ts";
import { systemClock as clock } from "./clock.ts";
import { configSources, overlayOf } from "./config-sources.ts";
import { createControlPlane } from "./control-plane.ts";
import { fetchedParts } from "./fetched.ts";
import { authorityOptions, type Identities, openIdentities } from "./identity-authority.ts";
import { jsonLog } from "./log.ts";
import { consoleAt, openManagement } from "./management.ts";
import { meshConfigIn } from "./proxy-trust.ts";
import { systemRandom as random } from "./random.ts";
import { countersAt } from "./rate-limits.ts";
import { secretsOf } from "./secrets.ts";
import { serverCertificate } from "./server-certificate.ts";
import { trustDomainOf } from "./trust-domain.ts";

/** The control plane alone: for workloads that run elsewhere. */
export async function serve(options: ServeOptions): Promise<RunningControlPlane> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  const log = jsonLog("info");
  const trustDomain = trustDomainOf(options.meshConfig);
  const identities = options.plaintext
    ? undefined
    : await openIdentities(options.stateDir, trustDomain, { clock, random, log, ...authorityOptions(options) });
  const settings = () => meshConfigIn(plane.discovery.snapshot);
  const secrets = identities && secretsOf({ authority: identities.authority, clock, random, log, settings });
  const upkeep = secrets && identities.keep(secrets.store.retry);
  const plane = createControlPlane({
    clock,
    log,
    trustDomain,
    ...(options.eager === undefined ? {} : { eager: options.eager }),
    sources: [...configSources({ ...options, gateway: false }, clock)],
    ...(secrets ? { secrets } : {}),
    ...(identities && secrets ? signing(identities.authority, secrets.store) : {}),
    fetched: fetchedParts(options.stateDir, options.fetchFrom),
    counters: countersAt(options.rateLimitRedis, clock, log),
    authenticate: identities ? authenticator(identities.tokens, clock) : anonymous,
  });
  await plane.start();
  const certificate = identities && (await shown(identities, options, log));
  const port = await plane.listen({ ...options.xds, ...(certificate ? { tls: certificate.first } : {}) });
  certificate?.follow(port.setTls);
  let askedToStop: () => void = () => {};
  const stopAsked = new Promise<void>((resolve) => {
    askedToStop = resolve;
  });
  const management = await openManagement({
    ...options,
    plane,
    ...(secrets ? { secrets } : {}),
    ...(identities && certificate ? { identity: { authority: identities.authority, certificate } } : {}),
    overlay: overlayOf(options.stateDir),
    trustDomain,
    clock,
    random,
    log,
    onShutdown: askedToStop,
  });
  const server = `http://127.0.0.1:${options.consolePort}`;
  enterMesh(options.registryDir, {
    name: options.name,
    dir: resolve(options.folders[0] ?? "."),
    server,
    token: management.token,
    pid: process.pid,
    startedAt: clock.now(),
  });
  return {
    xds: `${options.xds.host}:${port.port}`,
    ...consoleAt(options.consolePort, management),
    stopAsked,
    async stop() {
      leaveMesh(options.registryDir, options.name, process.pid);
      certificate?.stop();
      upkeep?.();
      await management.close();
      await plane.stop();
      secrets?.store.close();
    },
  };
}

function shown({ authority, files }: Identities, { xds, tlsMinVersion: minVersion }: ServeOptions, log: Log) {
  return serverCertificate(authority, { dns: [], ips: [xds.host] }, { clock, random, log, files, minVersion });
}

function signing(authority: Authority, store: SvidStore) {
  return { authority, certificates: certificateGauges(authority, store, clock) };
}
