import { X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { FakeClock, newFolder, open, random, recordingLog } from "../ca/ca.fixture.ts";
import { PrivateFiles } from "../ca/private-files.ts";
import { serverCertificate } from "./server-certificate.ts";

const names = { dns: ["weft.example"], ips: [] };

test("while the authority is broken the last certificate that was kept is shown; without any, one that nobody trusts; and a new one once it signs", async () => {
  const [folder, clock, log] = [newFolder(), new FakeClock(), recordingLog()];
  const files = new PrivateFiles(folder, log);
  const options = { clock, random, log, files };
  const first = (await serverCertificate(await open(folder, clock), names, options)).first;
  expect(statSync(join(folder, "server.pem")).mode & 0o777).toBe(0o600);
  const root = join(folder, "root.pem");
  const good = readFileSync(root, "utf8");
  writeFileSync(root, "nonsense");
  const authority = await open(folder, clock, log);
  const kept = await serverCertificate(authority, names, options);
  expect(kept.first).toMatchObject({ cert: first.cert, key: first.key });
  const none = await serverCertificate(authority, names, { clock, random, log });
  expect(new X509Certificate(none.first.cert).subject).toContain("no authority");
  const [users, others] = [vi.fn(), vi.fn()];
  kept.follow(users);
  none.follow(others);
  writeFileSync(root, good);
  await authority.look();
  await vi.waitFor(() => expect([users.mock.calls.length, others.mock.calls.length]).toEqual([1, 1]));
  const [tls] = others.mock.calls[0] as [{ cert: string; ca: string }];
  const issuer = new X509Certificate(tls.ca);
  expect(new X509Certificate(tls.cert).verify(issuer.publicKey)).toBe(true);
  kept.stop();
  none.stop();
});

test("new roots come with the same certificate", async () => {
  const clock = new FakeClock();
  const authority = await open(newFolder(), clock);
  const certificate = await serverCertificate(authority, names, { clock, random, log: recordingLog() });
  const { first } = certificate;
  await authority.rotate();
  expect(certificate.first).toEqual({ ...first, ca: authority.roots.join("") });
  certificate.stop();
});
