import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeClock, newFolder, recordingLog, reviews } from "./ca.fixture.ts";
import { PrivateFiles } from "./private-files.ts";
import { openTokens } from "./token.ts";

const subject = { identity: reviews, pod: "reviews-v1-0" };

function openIn(folder: string, clock = new FakeClock()) {
  const log = recordingLog();
  return openTokens({ files: new PrivateFiles(folder, log), trustDomain: "cluster.local", clock, log });
}

function part(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[index] as string, "base64url").toString()) as Record<string, unknown>;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

test("a token says what Kubernetes' tokens say, and is verified", async () => {
  const clock = new FakeClock();
  const tokens = await openIn(newFolder(), clock);
  const token = await tokens.issue(subject, 3_600_000);
  expect(part(token, 1)).toMatchObject({
    sub: "system:serviceaccount:default:reviews",
    aud: "istio-ca",
    exp: clock.time / 1000 + 3600,
    "kubernetes.io": { namespace: "default", pod: { name: "reviews-v1-0" }, serviceaccount: { name: "reviews" } },
  });
  expect(await tokens.verify(token)).toEqual({ subject, expiresAt: clock.time + 3_600_000 });
});

test("it expires, and a restart keeps the key", async () => {
  const folder = newFolder();
  const clock = new FakeClock();
  const token = await (await openIn(folder, clock)).issue(subject, 3_600_000);
  const again = await openIn(folder, clock);
  expect(await again.verify(token)).toHaveProperty("subject");
  clock.time += 3_600_000 + 11_000;
  expect(await again.verify(token)).toEqual({ refused: "the token has expired; a new one is needed" });
  expect(statSync(join(folder, "token-key.pem")).mode & 0o777).toBe(0o600);
});

test("tampered, unsigned, foreign and nonsensical tokens are refused", async () => {
  const tokens = await openIn(newFolder());
  const token = await tokens.issue(subject);
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const admin = { ...part(token, 1), sub: "system:serviceaccount:default:admin" };
  const foreign = await (await openIn(newFolder())).issue(subject);
  const none = `${encode({ alg: "none" })}.${payload}.`;
  const hs256 = `${encode({ alg: "HS256", kid: part(token, 0)["kid"] })}.${payload}.${signature}`;
  const bad = [
    `${header}.${encode(admin)}.${signature}`,
    none,
    hs256,
    foreign,
    "",
    "a.b.c",
    `${token}x`,
    "\u0000",
    token.slice(0, -4),
  ];
  for (const wrong of bad) expect(await tokens.verify(wrong), wrong).toHaveProperty("refused");
  expect(await tokens.verify(foreign)).toEqual({ refused: "the token was not signed by this mesh" });
});

test("a broken key is refused, not replaced", async () => {
  const folder = newFolder();
  await openIn(folder);
  writeFileSync(join(folder, "token-key.pem"), "garbage");
  await expect(openIn(folder)).rejects.toThrow(/token-key\.pem: the private key in it is not/);
});
