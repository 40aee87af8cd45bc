import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect, isIP } from "node:net";

/** Where questions go that are not the mesh's: the machine's own resolvers. Port 53 unless it says otherwise. */
export interface Resolver {
  readonly address: string;
  readonly port: number;
}

/** The resolvers of a `resolv.conf`, as they are now: a laptop changes networks. */
export function resolversOf(file = "/etc/resolv.conf"): Resolver[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    const addresses = lines.map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "").filter((a) => isIP(a) !== 0);
    return addresses.map((address) => ({ address, port: 53 }));
  } catch {
    return [];
  }
}

/** Asks each resolver in turn, as the client asked; undefined when none answers in its time. */
export async function forward(
  query: Buffer,
  over: "udp" | "tcp",
  resolvers: readonly Resolver[],
  timeoutMs = 2000,
): Promise<Buffer | undefined> {
  for (const resolver of resolvers) {
    const found = await (over === "udp" ? askUdp : askTcp)(query, resolver, timeoutMs).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A socket and a number of its own for each question: nobody who does not see it can answer in its place. */
function askUdp(query: Buffer, resolver: Resolver, timeoutMs: number): Promise<Buffer> {
  const own = Buffer.from(query);
  own.writeUInt16BE(randomInt(65_536), 0);
  const socket = createSocket(isIP(resolver.address) === 6 ? "udp6" : "udp4");
  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), timeoutMs);
    socket.on("error", reject);
    socket.on("close", () => clearTimeout(timer));
    socket.on("message", (message) => {
      if (!answers(message, own)) return;
      const back = Buffer.from(message);
      query.copy(back, 0, 0, 2);
      resolve(back);
    });
    socket.connect(resolver.port, resolver.address, (error?: unknown) =>
      error ? reject(error as Error) : socket.send(own),
    );
  }).finally(() => socket.close());
}

function askTcp(query: Buffer, resolver: Resolver, timeoutMs: number): Promise<Buffer> {
  const socket = connect(resolver.port, resolver.address);
  const parts: Buffer[] = [];
  return new Promise<Buffer>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error("no answer")));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
    socket.on("data", (part) => {
      parts.push(part);
      const all = Buffer.concat(parts);
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) return;
      const message = all.subarray(2, 2 + all.readUInt16BE(0));
      if (answers(message, query)) resolve(message);
      else reject(new Error("another question's answer"));
    });
    socket.end(Buffer.concat([length(query), query]));
  }).finally(() => socket.destroy());
}

/** True for a response with the question's number and the question itself. */
function answers(message: Buffer, query: Buffer): boolean {
  if (message.length < 12 || ((message[2] as number) & 0x80) === 0) return false;
  if (message.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  // A resolver that refuses may leave the question out.
  if (message.readUInt16BE(4) === 0) return ((message[3] as number) & 0x0f) !== 0;
  const end = endOfQuestion(query);
  return (
    message.length >= end &&
    message.subarray(12, end).toString("latin1").toLowerCase() ===
      query.subarray(12, end).toString("latin1").toLowerCase()
  );
}

function endOfQuestion(query: Buffer): number {
  let at = 12;
  while (at < query.length && query[at] !== 0) at += (query[at] as number) + 1;
  return Math.min(at + 5, query.length);
}

export function length(message: Buffer): Buffer {
  const two = Buffer.alloc(2);
  two.writeUInt16BE(message.length);
  return two;
}
