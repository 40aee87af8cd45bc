import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";
import type { HeaderSettings } from "./access-file.ts";
import type { Subject } from "./caller.ts";

/** Whom a proxy names by a header; undefined where the request comes from an address that is not believed, or has no such header. */
export function trustedHeader(settings: HeaderSettings): (request: IncomingMessage) => Subject | undefined {
  const believed = blockList(settings.from);
  return ({ headers, socket }) => {
    const address = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    const name = headers[settings.user];
    // Twice the same header is joined by Node with a comma: somebody before the proxy said it, too.
    if (typeof name !== "string" || name === "" || name.includes(",")) return undefined;
    if (!believed.check(address, isIPv6(address) ? "ipv6" : "ipv4")) return undefined;
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
