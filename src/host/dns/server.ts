import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import { type DecodedPacket, decode, encode } from "dns-packet";
import { answer, encodeFor, serverFailure, udpLimit } from "./answer.ts";
import type { Names } from "./names.ts";
import { forward, length, type Resolver } from "./upstream.ts";

export interface DnsOptions {
  readonly address: string;
  readonly port: number;
  /** What a client knows, by the address that it asks from; asked at every query. */
  readonly names: (client: string) => Names;
  /** The mesh's own domain: `cluster.local`. */
  readonly domain: string;
  readonly resolvers: () => readonly Resolver[];
}

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Questions that wait for the machine's resolvers at one time; more are refused at once. */
const atOnce = 512;

/** A name server over UDP and TCP: the mesh's names from a table, all others from the machine's resolvers. */
export async function serveDns(options: DnsOptions): Promise<DnsServer> {
  const handle = handler(options);
  const udp = createSocket({ type: "udp4", reuseAddr: false });
  udp.on("message", async (message, from) => {
    const reply = await handle(message, "udp", from.address);
    if (reply) udp.send(reply, from.port, from.address, () => {});
  });
  await new Promise<void>((resolve, reject) => {
    udp.once("error", reject);
    udp.bind(options.port, options.address, resolve);
  });
  udp.on("error", () => {}); // An answer to a client that is gone.
  const port = udp.address().port;
  const clients = new Set<Socket>();
  const tcp = createServer((socket) => {
    clients.add(socket.on("close", () => clients.delete(socket)));
    serveStream(socket, handle);
  });
  tcp.maxConnections = 256;
  await new Promise<void>((resolve, reject) => {
    tcp.once("error", reject);
    tcp.listen(port, options.address, resolve);
  });
  return {
    port,
    async close() {
      for (const socket of clients) socket.destroy();
      await Promise.all([new Promise<void>((done) => udp.close(() => done())), new Promise((done) => tcp.close(done))]);
    },
  };
}

type Handle = (message: Buffer, over: "udp" | "tcp", client: string) => Promise<Buffer | undefined>;

function handler(options: DnsOptions): Handle {
  let waiting = 0;
  return async (message, over, client) => {
    const query = read(message);
    if (query === undefined) return undefined;
    const own = answer(query, options.names(client), options.domain);
    if (own !== undefined) return encodeFor(own, over === "udp" ? udpLimit(query) : 65_535);
    if (waiting >= atOnce) return encode(serverFailure(query));
    waiting++;
    try {
      return (await forward(message, over, options.resolvers())) ?? encode(serverFailure(query));
    } finally {
      waiting--;
    }
  };
}

/** A query, or undefined for what is none: noise is not answered. */
function read(message: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(message);
    return packet.type === "query" && message.length >= 12 ? packet : undefined;
  } catch {
    return undefined;
  }
}

/** One client over TCP: each message has its length in front. */
function serveStream(socket: Socket, handle: Handle): void {
  let rest: Buffer = Buffer.alloc(0);
  const client = socket.remoteAddress ?? "";
  socket.setTimeout(10_000, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", async (part) => {
    rest = Buffer.concat([rest, part]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const size = rest.readUInt16BE(0);
      const message = rest.subarray(2, 2 + size);
      rest = rest.subarray(2 + size);
      const reply = await handle(message, "tcp", client);
      if (reply === undefined) return socket.destroy();
      if (!socket.destroyed) socket.write(Buffer.concat([length(reply), reply]));
    }
  });
}
