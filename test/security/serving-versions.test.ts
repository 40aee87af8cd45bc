import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, type SecureVersion } from "node:tls";
import { afterAll, expect, test } from "vitest";
import { serverCertificate } from "../../src/main/server-certificate.ts";
import { webhookServer } from "../../src/main/webhooks.ts";
import type { TlsVersion } from "../../src/xds/listener.ts";
import { createXdsServer, type XdsServer } from "../../src/xds/server.ts";
import { authorityOf, log, newFiles, random, ShiftedClock } from "./ca-bed.ts";

// The control plane's own TLS ports: xDS with the certificate service, and the webhooks.

const clock = new ShiftedClock();
const closing: (() => unknown)[] = [];
afterAll(() => Promise.all(closing.map((close) => close())));

async function ports(minVersion?: TlsVersion): Promise<readonly number[]> {
  const authority = await authorityOf(newFiles(), clock);
  const least = minVersion === undefined ? {} : { minVersion };
  const certificate = await serverCertificate(
    authority,
    { dns: ["localhost"], ips: [] },
    { clock, random, log, ...least },
  );
  const refuse = async () => ({ refusal: { status: 16, message: "nobody" } });
  const xds: XdsServer<string> = createXdsServer({ clock, log, authenticate: refuse, open: () => undefined });
  const listening = await xds.listen({ host: "127.0.0.1", port: 0, tls: certificate.first });
  // What a renewal brings must not undo it.
  listening.setTls(certificate.first);
  const webhooks = webhookServer(new Map(), certificate, log).listen(0, "127.0.0.1");
  await once(webhooks, "listening");
  closing.push(
    () => xds.close(),
    () => webhooks.close(),
    () => certificate.stop(),
  );
  return [listening.port, (webhooks.address() as AddressInfo).port];
}

async function agreed(port: number, version: SecureVersion): Promise<string> {
  const only = { minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" };
  const socket = connect({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2", "http/1.1"],
    ...only,
  });
  try {
    await once(socket, "secureConnect");
    return socket.getProtocol() ?? "none";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "failed";
  } finally {
    socket.destroy();
  }
}

const refused = /PROTOCOL_VERSION|ECONNRESET|NO_PROTOCOLS/;

test("TLS 1.2 is the least, and 1.3 where --tls-min-version says so, after a renewal too", async () => {
  for (const port of await ports()) {
    for (const old of ["TLSv1", "TLSv1.1"] as const) expect(await agreed(port, old)).toMatch(refused);
    expect([await agreed(port, "TLSv1.2"), await agreed(port, "TLSv1.3")]).toEqual(["TLSv1.2", "TLSv1.3"]);
  }
  for (const port of await ports("TLSv1.3")) {
    expect(await agreed(port, "TLSv1.2")).toMatch(refused);
    expect(await agreed(port, "TLSv1.3")).toBe("TLSv1.3");
  }
});
