import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import type { HeaderSettings } from "./access-file.ts";
import type { Subject } from "./caller.ts";

/**
 * Whom a proxy names by a header; undefined where the request comes from one that is not believed, or has no such header. Where both addresses and
 * identities are named, it has to have one of each.
 */
export function trustedHeader(settings: HeaderSettings): (request: IncomingMessage) => Subject | undefined {
  const addresses = blockList(settings.from);
  const { from, identities } = settings;
  return ({ headers, socket }) => {
    const name = headers[settings.user];
    // Twice the same header is joined by Node with a comma: somebody before the proxy said it, too.
    if (typeof name !== "string" || name === "" || name.includes(",")) return undefined;
    if (from.length > 0 && !isAmong(addresses, socket.remoteAddress ?? "")) return undefined;
    if (identities.length > 0 && !identities.includes(identityOf(socket) ?? "")) return undefined;
    if (from.length + identities.length === 0) return undefined;
    const groups = settings.groups === undefined ? [] : String(headers[settings.groups] ?? "").split(/[,|]/);
    const bearer = /^bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
    return {
      name,
      groups: groups.map((group) => group.trim()).filter((group) => group !== ""),
      how: "header",
      ...(bearer === undefined ? {} : { bearer }),
    };
  };
}

function isAmong(list: BlockList, remote: string): boolean {
  const address = remote.replace(/^::ffff:/, "");
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** The one SPIFFE ID of the certificate that who connects has shown, where its chain was verified. One with several is nobody's. */
function identityOf(socket: IncomingMessage["socket"]): string | undefined {
  if (!("authorized" in socket) || socket.authorized !== true) return undefined;
  const { subjectaltname = "" } = (socket as TLSSocket).getPeerCertificate();
  const names = subjectaltname.split(", ").filter((name) => name.startsWith("URI:"));
  return names.length === 1 ? names[0]?.slice("URI:".length) : undefined;
}

/** Throws where one is neither an address nor a range. */
function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
