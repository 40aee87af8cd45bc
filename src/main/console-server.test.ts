import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type HeaderSettings, noAccessFile } from "../api/who/access-file.ts";
import { trustedHeader } from "../api/who/trusted-header.ts";
import { newFolder, open } from "../ca/ca.fixture.ts";
import { consoleServer } from "./console-server.ts";

const clock = { now: () => Date.now(), after: () => () => {} };
const identity = (serviceAccount: string) => ({ trustDomain: "cluster.local", namespace: "edge", serviceAccount });

test("a proxy before the console is known by the certificate that it shows, if the mesh signed it", async () => {
  const [mesh, foreign] = [await open(newFolder(), clock), await open(newFolder(), clock)];
  const own = await mesh.issueServer(identity("weft"), { dns: ["localhost"], ips: [] });
  const folder = mkdtempSync(join(tmpdir(), "weft-console-"));
  const tls = { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") };
  writeFileSync(tls.certFile, own.chain);
  writeFileSync(tls.keyFile, own.key.pem());
  const identities = ["spiffe://cluster.local/ns/edge/sa/login"];
  const header: HeaderSettings = { user: "x-user", from: [], identities };
  const named = trustedHeader(header);
  const settings = { ...noAccessFile, tls, header };
  const server = consoleServer(settings, mesh, (asked, answer) => answer.end(named(asked)?.name ?? "nobody"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const ask = (options: RequestOptions) =>
    new Promise<string>((done, failed) => {
      const to = {
        host: "localhost",
        port,
        ca: [...mesh.roots],
        headers: { "x-user": "ann" },
        agent: false,
        ...options,
      };
      const sent = request(to, (answer) => answer.setEncoding("utf8").once("data", done));
      sent.on("error", failed).end();
    });
  const by = async (authority: typeof mesh, account: string) => {
    const { chain, key } = await authority.issue(identity(account));
    return ask({ cert: chain, key: key.pem() });
  };
  expect(await by(mesh, "login")).toBe("ann");
  expect(await by(mesh, "other")).toBe("nobody");
  expect(await by(foreign, "login")).toBe("nobody");
  expect(await ask({})).toBe("nobody");
  server.close();
  expect(() => consoleServer(settings, undefined, () => {})).toThrow("this mesh signs none");
});
