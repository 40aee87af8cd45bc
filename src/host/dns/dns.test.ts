import { createSocket, type Socket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { type DecodedPacket, decode, encode, type Packet, type RecordType } from "dns-packet";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookUp } from "./names.ts";
import { type DnsServer, serveDns } from "./server.ts";
import type { Resolver } from "./upstream.ts";

/** Its types leave the code out. */
type Decoded = DecodedPacket & { readonly rcode: string };
const read = (message: Buffer) => decode(message) as Decoded;

const names = new Map<string, readonly string[]>([
  ["reviews.default.svc.cluster.local", ["10.96.0.5"]],
  ["dual.default.svc.cluster.local", ["10.96.0.6", "fd00::6"]],
  ["many.default.svc.cluster.local", Array.from({ length: 60 }, (_, i) => `10.1.0.${i}`)],
  ["*.wild.test", ["10.96.0.7"]],
  ["exact.wild.test", ["10.96.0.8"]],
]);

test("wildcards: the exact name first, then the closest, never the bare parent", () => {
  expect(lookUp(names, "Exact.Wild.test.")).toEqual(["10.96.0.8"]);
  expect(lookUp(names, "a.b.wild.test")).toEqual(["10.96.0.7"]);
  expect(lookUp(names, "wild.test")).toBeUndefined();
});

describe("the name server", () => {
  let server: DnsServer;
  let resolvers: Resolver[];
  const open: { close(): void }[] = [];

  beforeEach(async () => {
    resolvers = [];
    server = await serveDns({
      address: "127.0.0.1",
      port: 0,
      names: () => names,
      domain: "cluster.local",
      resolvers: () => resolvers,
    });
  });
  afterEach(async () => {
    await server.close();
    for (const each of open.splice(0)) each.close();
  });

  const question = (name: string, type: RecordType = "A"): Packet => ({
    type: "query",
    id: 4711,
    flags: 0x100,
    questions: [{ type, name }],
  });

  function udp(packet: Packet | Buffer): Promise<Decoded> {
    const socket = createSocket("udp4");
    open.push(socket);
    return new Promise((resolve) => {
      socket.on("message", (message) => resolve(read(message)));
      socket.send(Buffer.isBuffer(packet) ? packet : encode(packet), server.port, "127.0.0.1");
    });
  }

  function tcp(...packets: Packet[]): Promise<Decoded[]> {
    const socket = connect(server.port, "127.0.0.1");
    const answers: Decoded[] = [];
    let rest = Buffer.alloc(0);
    return new Promise<Decoded[]>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("data", (part) => {
        rest = Buffer.concat([rest, part]);
        while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
          answers.push(read(rest.subarray(2, 2 + rest.readUInt16BE(0))));
          rest = rest.subarray(2 + rest.readUInt16BE(0));
        }
        if (answers.length === packets.length) resolve(answers);
      });
      for (const packet of packets) {
        const bytes = encode(packet);
        const length = Buffer.alloc(2);
        length.writeUInt16BE(bytes.length);
        // In two pieces: a message need not come whole.
        socket.write(Buffer.concat([length, bytes.subarray(0, 5)]));
        socket.write(bytes.subarray(5));
      }
    }).finally(() => socket.destroy());
  }

  const data = (packet: Decoded) => packet.answers?.map((answer) => ("data" in answer ? answer.data : undefined));

  test("known names: their addresses by family, in any case, and nothing for other types", async () => {
    const found = await udp(question("Reviews.default.svc.CLUSTER.local"));
    expect([found.id, found.rcode, data(found)]).toEqual([4711, "NOERROR", ["10.96.0.5"]]);
    expect(found.questions?.[0]?.name).toBe("Reviews.default.svc.CLUSTER.local");
    for (const type of ["AAAA", "TXT", "SRV"] as const) {
      const other = await udp(question("reviews.default.svc.cluster.local", type));
      expect([other.rcode, other.answers]).toEqual(["NOERROR", []]);
    }
    expect(data(await udp(question("dual.default.svc.cluster.local", "AAAA")))).toEqual(["fd00::6"]);
  });

  test("unknown names of the mesh's domain do not exist, and nobody else is asked", async () => {
    let asked = 0;
    resolvers = [await upstream(() => void asked++)];
    for (const name of [
      "nobody.default.svc.cluster.local",
      "api.example.com.default.svc.cluster.local",
      "cluster.local",
      "single",
    ]) {
      expect((await udp(question(name))).rcode).toBe("NXDOMAIN");
    }
    expect(asked).toBe(0);
  });

  test("other names are asked of the machine's resolvers, the second when the first is silent", async () => {
    const answering = await upstream((query, reply) => {
      // Somebody who guesses: another number, then another question.
      reply(
        encode({
          type: "response",
          id: (query.id ?? 0) ^ 1,
          questions: query.questions ?? [],
          answers: [{ type: "A", name: "api.example.com", data: "6.6.6.6" }],
        }),
      );
      reply(
        encode({
          type: "response",
          id: query.id ?? 0,
          questions: [{ type: "A", name: "evil.example.com" }],
          answers: [],
        }),
      );
      reply(
        encode({
          type: "response",
          id: query.id ?? 0,
          flags: 0x80,
          questions: query.questions ?? [],
          answers: [{ type: "A", name: "api.example.com", data: "192.0.2.9" }],
        }),
      );
    });
    resolvers = [await upstream(() => {}), answering];
    const found = await udp(question("api.example.com"));
    expect([found.id, data(found)]).toEqual([4711, ["192.0.2.9"]]);
  });

  test("no resolver that answers: a failure, not a lie", async () => {
    expect((await udp(question("api.example.com"))).rcode).toBe("SERVFAIL");
    resolvers = [{ address: "127.0.0.1", port: await closedPort() }];
    expect((await udp(question("api.example.com"))).rcode).toBe("SERVFAIL");
  });

  test("an answer too long for UDP is cut and whole over TCP; several questions on one connection", async () => {
    const cut = await udp(question("many.default.svc.cluster.local"));
    expect([cut.flag_tc, cut.answers]).toEqual([true, []]);
    const [many, one] = await tcp(
      question("many.default.svc.cluster.local"),
      question("reviews.default.svc.cluster.local"),
    );
    expect(many?.answers?.length).toBe(60);
    expect(one && data(one)).toEqual(["10.96.0.5"]);
    const more = await udp({
      ...question("many.default.svc.cluster.local"),
      additionals: [
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: 4096,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    });
    expect(more.answers?.length).toBe(60);
  });

  test("noise is not answered, and harms nobody", async () => {
    const socket = createSocket("udp4");
    open.push(socket);
    for (const noise of [
      Buffer.alloc(0),
      Buffer.from("hello"),
      Buffer.alloc(12, 0xff),
      encode({ type: "response", id: 1, questions: [] }),
    ])
      socket.send(noise, server.port, "127.0.0.1");
    expect((await udp(question("reviews.default.svc.cluster.local"))).rcode).toBe("NOERROR");
    expect((await udp(encode({ type: "query", id: 4711, questions: [] }))).rcode).toBe("FORMERR");
  });

  function upstream(handle: (query: Decoded, reply: (bytes: Buffer) => void) => void): Promise<Resolver> {
    const socket: Socket = createSocket("udp4");
    open.push(socket);
    socket.on("message", (message, from) =>
      handle(read(message), (bytes) => socket.send(bytes, from.port, from.address)),
    );
    return new Promise((resolve) =>
      socket.bind(0, "127.0.0.1", () => resolve({ address: "127.0.0.1", port: socket.address().port })),
    );
  }

  async function closedPort(): Promise<number> {
    const probe = createServer();
    await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done));
    const { port } = probe.address() as AddressInfo;
    await new Promise((done) => probe.close(done));
    return port;
  }
});
