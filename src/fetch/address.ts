import { BlockList, isIP, isIPv6 } from "node:net";

/** Blocks of addresses that are not the public internet's, each with what it is called. Source: IANA's registries of special-purpose addresses. */
const special: readonly (readonly [string, readonly string[]])[] = [
  ["unspecified", ["0.0.0.0/8", "::/128"]],
  ["loopback", ["127.0.0.0/8", "::1/128"]],
  ["link-local, where clouds keep the credentials of machines", ["169.254.0.0/16", "fe80::/10"]],
  ["where a cloud keeps the credentials of machines", ["100.100.100.200/32", "168.63.129.16/32", "fd00:ec2::254/128"]],
  ["private", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
  [
    "reserved",
    [
      ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
      ...["240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"],
      ...["5f00::/16", "::/96"],
    ],
  ],
];

const blocks = special.map(([name, cidrs]) => ({ name, list: ranges(cidrs) }));

/** Addresses of CIDRs (`10.0.0.0/8`, or one address alone). Throws where one is none. */
export function ranges(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const slash = cidr.indexOf("/");
    const address = slash < 0 ? cidr : cidr.slice(0, slash);
    const all = isIPv6(address) ? 128 : 32;
    const bits = slash < 0 ? all : Number(cidr.slice(slash + 1) || Number.NaN);
    if (isIP(address) === 0 || !Number.isInteger(bits) || bits < 0 || bits > all)
      throw new Error(`${JSON.stringify(cidr)} is no range of addresses; write it like 10.0.0.0/8`);
    list.addSubnet(address, bits, family(address));
  }
  return list;
}

/** Whether an address is one of these; one that is wrapped in an IPv6 address counts as itself. */
export function isIn(list: BlockList, address: string): boolean {
  const bare = unwrapped(address);
  return list.check(bare, family(bare));
}

/** What an address is called that is not the public internet's: `loopback`, `private`, ...; undefined for one that is. */
export function specialName(address: string): string | undefined {
  return isIP(address) === 0 ? "no address" : blocks.find(({ list }) => isIn(list, address))?.name;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}

/** The IPv4 address that is in an IPv6 one: mapped (`::ffff:0:0/96`), or translated (`64:ff9b::/96`). */
function unwrapped(address: string): string {
  if (!isIPv6(address)) return address;
  const bare = address.split("%")[0] as string;
  const groups = groupsOf(bare);
  const prefix = groups.slice(0, 6).join(":");
  if (prefix !== "0:0:0:0:0:ffff" && prefix !== "64:ff9b:0:0:0:0") return bare;
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

/** The eight groups of an IPv6 address, as a URL writes them. */
function groupsOf(address: string): readonly string[] {
  const written = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = written.split("::");
  const [before, after] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":"))) as [
    string[],
    string[],
  ];
  return tail === undefined
    ? before
    : [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
}
