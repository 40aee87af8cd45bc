import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CertificateSummary } from "../../src/api/contract/certificates.ts";
import type { ConfigDumpResource } from "../../src/api/contract/proxy-config.ts";
import { runIt } from "../../src/cli/cli.fixture.ts";
import { enterMesh, registryDir } from "../../src/cli/registry.ts";
import { authorityOf, newFiles, ShiftedClock } from "../security/ca-bed.ts";
import { proxy } from "./bookinfo.ts";
import { type Answers, serve } from "./control-plane.ts";

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;
let home: string;
let plane: Awaited<ReturnType<typeof serve>> | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "weft-certs-"));
});
afterEach(async () => {
  await plane?.close();
  plane = undefined;
  rmSync(home, { recursive: true, force: true });
});

async function ask(argv: readonly string[], answers: Answers) {
  plane ??= await serve(answers);
  enterMesh(registryDir({}, home), {
    name: "shop",
    dir: "/x",
    server: plane.url,
    token: "right",
    pid: 1,
    startedAt: 1,
  });
  const clock = { ...new ShiftedClock(), now: () => now, after: (_: number, run: () => void) => timer(run) };
  return runIt(argv, { home, cwd: home, clock, processes: { alive: () => true, stop: () => {} } });
}

function timer(run: () => void): () => void {
  const started = setTimeout(run, 1);
  return () => clearTimeout(started);
}

function one(change: Partial<CertificateSummary>): CertificateSummary {
  return {
    ...{ kind: "workload", name: "spiffe://cluster.local/ns/default/sa/reviews", subject: "", serial: "4d32e26da6a8" },
    ...{ issuer: "O=cluster.local, CN=Weft root 1", notBefore: now - day / 4, notAfter: now + (day * 3) / 4 },
    ...{ renewed: true, holders: ["reviews-v1-0.default", "reviews-v1-1.default", "reviews-v2-0.default"] },
    ...change,
  };
}

const root = one({
  ...{ kind: "root", name: "spiffe://cluster.local", serial: "1", state: "active", renewed: true },
  ...{ notAfter: now + 3000 * day, holders: ["control plane"] },
});
const gateway = one({
  ...{ kind: "gateway", name: "shop.example", serial: "77", renewed: false, notAfter: now + 20 * day },
  ...{ holders: ["Secret istio-system/shop"] },
});

describe("weft certs", () => {
  test("shows each certificate, what cannot wait first, and who has it", async () => {
    const { code, out, err } = await ask(["certs"], {
      certificates: () => ({ items: [one({}), gateway, root], silent: [] }),
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n").map((line) => line.replace(/ {3,}/g, " | "))).toEqual([
      "KIND | NAME | SERIAL | ISSUER | EXPIRES | LEFT | HELD BY",
      "root (active) | spiffe://cluster.local | 1 | Weft root 1 | 2034-08-18T00:00:00Z | 3000d | control plane",
      "gateway | shop.example | 77 | Weft root 1 | 2026-06-21T00:00:00Z | 20d | Secret istio-system/shop",
      "workload | spiffe://cluster.local/ns/default/sa/reviews | 4d32e26d | Weft root 1 | 2026-06-01T18:00:00Z | 18h | reviews-v1-0.default, reviews-v1-1.default and 1 more",
      "",
    ]);
  });

  const cases: Record<string, [Partial<CertificateSummary>, string, string | undefined]> = {
    "a gateway's with 20 days left": [gateway, "30d", "ends soon, and is renewed by hand: 20d"],
    "a gateway's, asked for 10 days": [gateway, "10d", undefined],
    "a workload's with three quarters left, which is renewed": [{}, "30d", undefined],
    "a workload's with a fifth left": [
      { notBefore: now - day * 0.8, notAfter: now + day * 0.2 },
      "1s",
      "should have been renewed by now: 4h",
    ],
    "a workload's that is over": [{ notAfter: now - day }, "1s", "is over: over since 24h"],
    "a root with 20 days left": [{ ...root, notAfter: now + 20 * day }, "30d", "ends soon, and was not replaced"],
    "a root that is retiring": [{ ...root, state: "retiring", notAfter: now + day }, "30d", undefined],
  };

  test.each(Object.entries(cases))("--fail-within: %s", async (_, [change, within, words]) => {
    const certificates = () => ({ items: [one(change)], silent: [] });
    const { code, err } = await ask(["certs", "--fail-within", within], { certificates });
    expect(code).toBe(words === undefined ? 0 : 2);
    if (words === undefined) expect(err).toBe("");
    else expect(err).toContain(words);
  });

  test("an authority in trouble is told, counts as a finding, and is data in JSON", async () => {
    const certificates = () => ({ items: [root], silent: ["reviews-v1-0.default: timeout"], trouble: "key is lost" });
    const { code, out, err } = await ask(["certs", "--fail-within", "1d", "-o", "json"], { certificates });
    expect(code).toBe(2);
    expect(err).toContain("key is lost");
    expect(err).toContain("reviews-v1-0.default: timeout");
    expect(JSON.parse(out)).toMatchObject({
      kind: "CertificateList",
      warnings: ["key is lost"],
      items: [{ serial: "1" }],
    });
  });

  test("rotate workloads waits until no proxy has an old one", async () => {
    const states = [[one({}), one({ serial: "b" })], [one({ serial: "b" })], [one({ serial: "c" })]];
    const answers: Answers = {
      reissue: () => ({ replaced: ["4d32e26da6a8", "b"] }),
      certificates: () => ({ items: (states.length > 1 ? states.shift() : states[0]) ?? [], silent: [] }),
    };
    const { code, err } = await ask(["certs", "rotate", "workloads"], answers);
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringContaining("2 certificates were replaced") as unknown as string,
    });
    expect(err).toContain("3 proxies to go");
    expect(err).toContain("Every proxy has its new certificate.");
  });
});

test("proxy-config rootca-compare says which roots differ", async () => {
  const [own, other] = await Promise.all(
    [1, 2].map(async () => (await authorityOf(newFiles(), new ShiftedClock())).roots[0]),
  );
  const dump = (id: string, pem: string | undefined) => ({
    ...{ proxy: id, type: "secret" as const, source: "envoy" as const },
    resources: [
      {
        ...{ name: "ROOTCA", version: "", origins: [] },
        resource: { name: "ROOTCA", validationContext: { trustedCa: { inlineString: pem } } },
      } satisfies ConfigDumpResource,
    ],
  });
  const [a, b] = [proxy("a.default"), proxy("b.default")];
  const dumps = { "a.default/secret": dump("a.default", own), "b.default/secret": dump("b.default", own) };
  const same = await ask(["proxy-config", "rootca-compare", "a", "b"], { proxies: { items: [a, b] }, dumps });
  expect(same).toMatchObject({ code: 0, out: "a.default and b.default trust the same root.\n" });
  dumps["b.default/secret"] = dump("b.default", other);
  const differ = await ask(["pc", "rc", "a", "b"], {});
  expect(differ.code).toBe(2);
  expect(differ.out).toMatch(/^a\.default alone trusts .*\nb\.default alone trusts .*\n$/);
});
