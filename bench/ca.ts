// How many certificates a second the authority signs, beside what 1,000 workloads that start at once need: node bench/ca.ts [COUNT]
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Authority, openAuthority } from "../src/ca/authority.ts";
import { PrivateFiles } from "../src/ca/private-files.ts";
import type { KeyKind } from "../src/ca/private-key.ts";
import { systemClock as clock } from "../src/main/clock.ts";
import { systemRandom as random } from "../src/main/random.ts";
import type { Log } from "../src/std/log.ts";
import { opensslRequest, requestFor } from "../test/security/requests.ts";

const count = Number(process.argv[2] ?? 1000);
const workloads = 1000;
/** Requests under way at a time, as streams of proxies are. */
const atOnce = 64;
const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const identity = (n: number) => ({
  trustDomain: "cluster.local",
  namespace: "default",
  serviceAccount: `workload-${n}`,
});

async function authorityWith(rootKey: KeyKind): Promise<Authority> {
  const home = new PrivateFiles(join(mkdtempSync(join(tmpdir(), "weft-bench-ca-")), "ca"), log);
  return openAuthority({ home, trustDomain: "cluster.local", clock, random, log, settings: { rootKey } });
}

async function measure(what: string, run: (n: number) => Promise<unknown>): Promise<void> {
  for (let n = 0; n < 50; n++) await run(n);
  let next = 0;
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const began = performance.now();
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const from = performance.now();
      await run(n);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0);
  const rate = count / seconds;
  console.log(
    `${what}: ${rate.toFixed(0)} a second, ${((user + system) / 1000 / count).toFixed(2)} ms of CPU each, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; ${workloads} workloads at once have theirs after ${(workloads / rate).toFixed(1)} s`,
  );
}

for (const rootKey of ["P-256", "RSA-2048", "RSA-4096"] as const) {
  const authority = await authorityWith(rootKey);
  const ecdsa = await requestFor({});
  const rsa = opensslRequest(["-newkey", "rsa:2048"]);
  await measure(`${rootKey} root, key made here (weft's own proxies)`, (n) => authority.issue(identity(n)));
  await measure(`${rootKey} root, request with P-256 (Istio's agents)`, (n) =>
    authority.signRequest(ecdsa, identity(n)),
  );
  await measure(`${rootKey} root, request with RSA 2048`, (n) => authority.signRequest(rsa, identity(n)));
}
