import { once } from "node:events";
import net, { type Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import { resolveName } from "./names.ts";
import { partsOf } from "./order.ts";
import type { Order, Outcome } from "./wire.ts";

const usualPorts: Readonly<Record<string, number>> = { https: 443, grpcs: 443, wss: 443, tls: 443 };

export interface Connected {
  readonly socket: Socket;
  readonly tls?: Outcome["tls"];
}

/** Connects as an order wants it, with TLS where its scheme has it. Rejects with the runtime's errors. */
export async function dial(order: Order): Promise<Connected> {
  const scheme = order.url.slice(0, order.url.indexOf(":"));
  const { host, port = usualPorts[scheme] ?? 80 } = partsOf(order);
  const at = order.connect ?? { host: host.replace(/^\[|\]$/g, ""), port };
  const [address = at.host] = await resolveName(at.host);
  const { localAddress } = order;
  const raw = net.connect({ host: address, port: at.port, ...(localAddress ? { localAddress } : {}) });
  raw.setNoDelay(true);
  await once(raw, "connect");
  if (!(scheme in usualPorts)) return { socket: raw };
  const { sni, identity, ca } = order;
  const socket = tls.connect({
    socket: raw,
    ...(sni === undefined ? { servername: host } : sni === "" ? {} : { servername: sni }),
    ...(order.alpn === undefined ? {} : { ALPNProtocols: [...order.alpn] }),
    ...(identity ?? {}),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: false,
  });
  await once(socket, "secureConnect");
  socket.on("error", () => {});
  return { socket, tls: seen(socket) };
}

function seen(socket: TLSSocket): NonNullable<Outcome["tls"]> {
  const { subject, subjectaltname = "" } = socket.getPeerCertificate();
  const alternatives = subjectaltname.split(", ").map((name) => name.replace(/^\w+:/, ""));
  return {
    names: [...new Set([String(subject?.CN ?? ""), ...alternatives])].filter((name) => name !== ""),
    protocol: socket.getProtocol() ?? "",
    alpn: socket.alpnProtocol || "",
    trusted: socket.authorized,
  };
}
