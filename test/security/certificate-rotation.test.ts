import { deepStrictEqual, notStrictEqual, ok, strictEqual } from "node:assert";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, test } from "vitest";
import type { Authority } from "../../src/ca/authority.ts";
import { keepAuthority } from "../../src/ca/upkeep.ts";
import { authorityIn, CertificatesBed, clock, log } from "./certificates-bed.ts";

// A real sidecar that calls itself over mTLS, a connection for each request, while certificates of seconds come and go.

const folder = join(mkdtempSync(join(tmpdir(), "weft-rotation-")), "ca");
let authority: Authority;
let bed: CertificatesBed;
let stop: () => void;

beforeAll(async () => {
  authority = await authorityIn(folder, { settings: { leafLifeMs: 5_000, rootLifeMs: 3_600_000 } });
  bed = await CertificatesBed.start(authority);
  stop = keepAuthority({ authority, clock, log, everyMs: 100, onJump: () => bed.retry() });
});

afterAll(async () => {
  stop?.();
  await bed?.stop();
});

test("the root is rotated, and leaves renewed, while requests go on: none fails, no listener changes", async () => {
  const listeners = () => bed.stats("app", "listener_manager.listener_(modified|added)");
  const before = await listeners();
  const [first] = authority.roots;
  let done = false;
  const failures: (number | string)[] = [];
  let calls = 0;
  const load = async () => {
    while (!done) {
      const answer = await bed.call();
      calls++;
      if (answer !== 200) failures.push(answer);
    }
  };
  const loads = Promise.all([load(), load(), load()]);
  await authority.rotate();
  while (authority.roots.length > 1 || authority.roots[0] === first) await pause(50);
  done = true;
  await loads;
  deepStrictEqual(failures, []);
  ok(calls > 100, `only ${calls} calls`);
  notStrictEqual(authority.roots[0], first);
  strictEqual(await listeners(), before);
  const handshakes = await bed.stats("app", "ssl.handshake");
  ok(Number(/ssl.handshake: (\d+)/.exec(handshakes)?.[1]) > 100, handshakes);
}, 120_000);
