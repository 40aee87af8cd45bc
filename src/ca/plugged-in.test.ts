import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Authority } from "./authority.ts";
import { FakeClock, newFolder, open, recordingLog, reviews } from "./ca.fixture.ts";
import { filesOf, Plugged, shop, Workshop } from "./plugged.fixture.ts";
import { checkCa } from "./plugged-in.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const settings = { leafLifeMs: HOUR };
const workshop = new Workshop();
const good = shop(workshop);

function today(): FakeClock {
  const clock = new FakeClock();
  clock.time = Date.now();
  return clock;
}

/** OpenSSL's word: whether the chain of a leaf leads to the roots. */
function verified(chain: string, roots: readonly string[], at = Date.now()): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-verify-"));
  const [leaf = "", ...above] = chain.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g) ?? [];
  for (const [name, text] of [["leaf", leaf] as const, ["above", above.join("")], ["roots", roots.join("")]])
    writeFileSync(join(folder, name), text);
  const between = above.length > 0 ? ["-untrusted", join(folder, "above")] : [];
  return execFileSync(
    "openssl",
    [
      "verify",
      "-attime",
      String(Math.floor(at / 1000)),
      "-CAfile",
      join(folder, "roots"),
      ...between,
      join(folder, "leaf"),
    ],
    {
      encoding: "utf8",
    },
  );
}

const states = (authority: Authority) => authority.status().roots.map(({ state }) => state);

test.each(["ec:P-256", "ec:P-384", "rsa:2048", "rsa:4096"] as const)(
  "an authority below a root with a key of %s signs from the first, and no root is made",
  async (key) => {
    const { files, root } = shop(workshop, workshop.root("root", { key }), { key });
    const authority = await open(newFolder(), today(), recordingLog(), { settings, pluggedIn: new Plugged(files) });
    expect(authority.status()).toMatchObject({ from: "plugged-in", signing: true });
    expect(authority.status().trouble).toBeUndefined();
    expect(authority.roots.map((pem) => pem.trim())).toEqual([root.cert.trim()]);
    const { chain } = await authority.issue(reviews);
    expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(verified(chain, authority.roots)).toContain("OK");
  },
);

test("a root itself may be plugged in, and files as cert-manager writes them", async () => {
  const root = workshop.root("root that signs");
  const one = await open(newFolder(), today(), recordingLog(), { pluggedIn: new Plugged(filesOf(root, root)) });
  expect((await one.issue(reviews)).chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
  const { own } = good;
  const files = { "tls.crt": own.cert, "tls.key": own.key, "ca.crt": good.root.cert };
  const two = await open(newFolder(), today(), recordingLog(), { pluggedIn: new Plugged(files) });
  expect(verified((await two.issue(reviews)).chain, two.roots)).toContain("OK");
});

test("leaves never outlive an authority above them", async () => {
  const { files } = shop(workshop, undefined, { days: 1 });
  const clock = today();
  clock.time += 20 * HOUR;
  const authority = await open(newFolder(), clock, recordingLog(), { pluggedIn: new Plugged(files) });
  const end = new X509Certificate(files["ca-cert.pem"] as string).validToDate.getTime();
  expect((await authority.issue(reviews)).notAfter).toBe(end);
  clock.time = end;
  expect(authority.status()).toMatchObject({ signing: false, trouble: expect.stringContaining("expired") });
  await expect(authority.issue(reviews)).rejects.toThrow("expired");
});

test.each<[string, () => Record<string, string>, string]>([
  ["without its key", () => ({ "ca-key.pem": "" }), "ca-key.pem is missing"],
  ["with another's key", () => ({ "ca-key.pem": good.root.key }), "ca-key.pem is not the key of ca-cert.pem"],
  [
    "with garbage",
    () => ({ "ca-cert.pem": good.own.cert.replace(/\n..../, "\nAAAA") }),
    "certificate 1 cannot be read",
  ],
  ["whose root is another", () => ({ "root-cert.pem": workshop.root("stranger").cert }), "is not in root-cert.pem"],
  [
    "with a chain that misses a link",
    () => {
      const middle = workshop.below(good.root, "middle");
      return { ...filesOf(workshop.below(middle, "below"), good.root) };
    },
    "the chain is not complete",
  ],
  [
    "that is no authority",
    () => ({ ...filesOf(workshop.below(good.root, "leaf", { extensions: ["basicConstraints=CA:FALSE"] }), good.root) }),
    "is not an authority's certificate",
  ],
  [
    "that may not sign",
    () => {
      const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,cRLSign"];
      return { ...filesOf(workshop.below(good.root, "mute", { extensions }), good.root) };
    },
    "may not sign certificates",
  ],
  [
    "below one that allows none",
    () => {
      const root = workshop.root("short", { extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0"] });
      return { ...filesOf(workshop.below(root, "too deep"), root) };
    },
    "allows 0 authorities below it",
  ],
  [
    "signed with SHA-1",
    () => ({ ...filesOf(workshop.below(good.root, "weak", { hash: "sha1" }), good.root) }),
    "is signed with MD5 or SHA-1",
  ],
  [
    "with a weak key",
    () => ({ ...filesOf(workshop.below(good.root, "small", { key: "rsa:1024" }), good.root) }),
    "not one of ECDSA P-256 or P-384, or RSA of 2048 to 4096 bits",
  ],
])("an authority %s is refused in words", async (_, spoil, words) => {
  const checked = await checkCa({ ...good.files, ...spoil() }, Date.now());
  expect(checked).toEqual({ refused: expect.stringContaining(words) });
});

test("one that has expired, or is not valid yet, is refused", async () => {
  const expired = await checkCa(good.files, Date.now() + 3651 * DAY);
  expect(expired).toEqual({ refused: expect.stringContaining("expired at") });
  const early = await checkCa(good.files, Date.now() - HOUR);
  expect(early).toEqual({ refused: expect.stringContaining("is not valid before") });
});

test("a chain with a link between is complete, and is shown whole", async () => {
  const middle = workshop.below(good.root, "middle");
  const own = workshop.below(middle, "below");
  const files = { ...filesOf(own, good.root), "cert-chain.pem": own.cert + middle.cert };
  const authority = await open(newFolder(), today(), recordingLog(), { pluggedIn: new Plugged(files) });
  const { chain } = await authority.issue(reviews);
  expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
  expect(verified(chain, authority.roots)).toContain("OK");
  expect(authority.status().chain.map(({ subject }) => subject)).toEqual(["O=Shop, CN=below", "O=Shop, CN=middle"]);
});

test("another authority under the same root signs at the next look; a bad one is refused, and the old one goes on", async () => {
  const plugged = new Plugged(good.files);
  const log = recordingLog();
  const authority = await open(newFolder(), today(), log, { settings, pluggedIn: plugged });
  const heard = vi.fn();
  authority.onChange(heard);
  const other = workshop.below(good.root, "second authority");
  plugged.files = filesOf(other, good.root);
  await authority.look();
  expect(heard).toHaveBeenCalledTimes(1);
  const { chain } = await authority.issue(reviews);
  expect(new X509Certificate(chain).issuer).toContain("second authority");
  // Files that are written one after the other: told only when they stay so.
  plugged.files = { ...plugged.files, "ca-key.pem": good.own.key };
  await authority.look();
  expect(authority.status().trouble).toBeUndefined();
  await authority.look();
  expect(authority.status()).toMatchObject({
    signing: true,
    trouble: "cacerts: ca-key.pem is not the key of ca-cert.pem",
  });
  expect(log.lines.at(-1)).toContain("it goes on with what was good before");
  expect(new X509Certificate((await authority.issue(reviews)).chain).issuer).toContain("second authority");
});

test("one that is plugged into a mesh with a root of its own is made known before it signs", async () => {
  const clock = today();
  const plugged = new Plugged();
  const folder = newFolder();
  const reopen = () => open(folder, clock, recordingLog(), { settings, pluggedIn: plugged });
  const authority = await reopen();
  const [first] = authority.roots as [string];
  plugged.files = good.files;
  await authority.look();
  expect(states(authority)).toEqual(["active", "next"]);
  expect(verified((await authority.issue(reviews)).chain, [first])).toContain("OK");
  clock.time = authority.status().roots[1]?.until as number;
  await authority.look();
  expect(states(authority)).toEqual(["active", "retiring"]);
  const leaf = await authority.issue(reviews);
  expect(verified(leaf.chain, [good.root.cert], clock.time)).toContain("OK");
  expect(await authority.rotate().catch((error: Error) => error.message)).toContain("plug in another one");
  // Taken away, it goes on in memory; after a restart nobody signs, and no root is made.
  plugged.files = undefined;
  await authority.look();
  expect(authority.status()).toMatchObject({ signing: true, trouble: expect.stringContaining("is gone from cacerts") });
  const later = await reopen();
  expect(later.status()).toMatchObject({ signing: false, trouble: expect.stringContaining("is gone from cacerts") });
  expect(later.roots).toHaveLength(2);
  plugged.files = good.files;
  await later.look();
  expect(later.status()).toMatchObject({ signing: true, from: "plugged-in" });
});

test("one that is taken away before it signed leaves nothing behind", async () => {
  const plugged = new Plugged();
  const authority = await open(newFolder(), today(), recordingLog(), { settings, pluggedIn: plugged });
  plugged.files = good.files;
  await authority.look();
  plugged.files = undefined;
  await authority.look();
  expect(states(authority)).toEqual(["active"]);
});

test("from one root of the user's to another: the old authority signs until the new root is known to all", async () => {
  const clock = today();
  const plugged = new Plugged(good.files);
  const folder = newFolder();
  const authority = await open(folder, clock, recordingLog(), { settings, pluggedIn: plugged });
  const second = shop(workshop, workshop.root("second root"));
  plugged.files = second.files;
  await authority.look();
  expect(states(authority)).toEqual(["active", "next"]);
  expect(verified((await authority.issue(reviews)).chain, [good.root.cert])).toContain("OK");
  // Who starts now has no key of the old one: the new one signs within a minute.
  const late = await open(folder, clock, recordingLog(), { settings, pluggedIn: plugged });
  expect(late.status().signing).toBe(false);
  clock.time += 60_000;
  await late.look();
  expect(verified((await late.issue(reviews)).chain, [second.root.cert], clock.time)).toContain("OK");
  await authority.look();
  expect(states(authority)).toEqual(["active", "retiring"]);
  expect(verified((await authority.issue(reviews)).chain, [second.root.cert], clock.time)).toContain("OK");
});

test("one that is bad from the start: nothing is issued, and no root of our own takes its place", async () => {
  const plugged = new Plugged({ ...good.files, "ca-key.pem": good.root.key });
  const authority = await open(newFolder(), today(), recordingLog(), { pluggedIn: plugged });
  expect(authority.status()).toMatchObject({
    signing: false,
    roots: [],
    trouble: expect.stringContaining("not the key"),
  });
  plugged.files = good.files;
  await authority.look();
  expect(authority.status()).toMatchObject({ signing: true });
});

test("no word of any key is in a log or a status", async () => {
  const log = recordingLog();
  const plugged = new Plugged(good.files);
  const authority = await open(newFolder(), today(), log, { pluggedIn: plugged });
  plugged.files = { ...good.files, "ca-cert.pem": good.root.cert };
  await authority.look();
  await authority.look();
  const said = log.lines.join("\n") + JSON.stringify(authority.status());
  for (const line of good.own.key.split("\n").slice(1, -2)) expect(said).not.toContain(line);
});
