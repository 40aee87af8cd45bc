/** Whether an address is a CIDR of more than one address. */
export function isSubnet(address: string): boolean {
  const [ip = "", length] = address.split("/");
  return length !== undefined && Number(length) < (ip.includes(":") ? 128 : 32);
}

/** Whether a CIDR (or single address) covers an IP address. */
export function subnetCovers(subnet: string, address: string): boolean {
  const [base = "", length] = subnet.split("/");
  const [a, b] = [bits(base), bits(address)];
  if (a === undefined || b === undefined || a.width !== b.width) return false;
  const shift = BigInt(a.width - (length === undefined ? a.width : Number(length)));
  return a.value >> shift === b.value >> shift;
}

/** The same CIDR in one spelling: `10.1.2.3/8` is `10.0.0.0/8`. What is none stays. */
export function plainSubnet(subnet: string): string {
  const [base = "", length] = subnet.split("/");
  const found = bits(base);
  if (found === undefined) return subnet;
  const kept = length === undefined ? found.width : Number(length);
  const shift = BigInt(found.width - kept);
  return `${text({ ...found, value: (found.value >> shift) << shift })}/${kept}`;
}

function text({ value, width }: Bits): string {
  const part = width === 32 ? 8n : 16n;
  const parts = Array.from(
    { length: width / Number(part) },
    (_, i) => (value >> (BigInt(i) * part)) & ((1n << part) - 1n),
  );
  const radix = width === 32 ? 10 : 16;
  return parts
    .reverse()
    .map((p) => p.toString(radix))
    .join(width === 32 ? "." : ":");
}

interface Bits {
  readonly value: bigint;
  readonly width: 32 | 128;
}

function bits(address: string): Bits | undefined {
  return address.includes(":") ? bits6(address) : bits4(address);
}

function bits4(address: string): Bits | undefined {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((p) => !Number.isInteger(p) || p < 0 || p > 255)) return undefined;
  return { value: parts.reduce((sum, p) => (sum << 8n) | BigInt(p), 0n), width: 32 };
}

function bits6(address: string): Bits | undefined {
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const gap = 8 - left.length - right.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  const all = [...left, ...Array<string>(Math.max(gap, 0)).fill("0"), ...right];
  if (all.some((g) => !/^[0-9a-f]{1,4}$/i.test(g))) return undefined;
  return { value: all.reduce((sum, g) => (sum << 16n) | BigInt(`0x${g}`), 0n), width: 128 };
}
