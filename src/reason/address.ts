import { BlockList } from "node:net";
import { isIPv6 } from "../std/ip.ts";
import type { Json } from "./json.ts";

/** Whether an address lies in a CidrRange. */
export function within(range: Json, address: string): boolean {
  const prefix = String(range["address_prefix"] ?? "");
  const length = Number(range["prefix_len"] ?? 0);
  const family = isIPv6(prefix) ? "ipv6" : "ipv4";
  if (isIPv6(address) !== (family === "ipv6") || address === "") return false;
  const list = new BlockList();
  list.addSubnet(prefix, length, family);
  return list.check(address, family);
}
