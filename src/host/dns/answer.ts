import { isIPv4, isIPv6 } from "node:net";
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  encode,
  type Packet,
  RECURSION_AVAILABLE,
} from "dns-packet";
import { lookUp, type Names } from "./names.ts";

/** Seconds that an address may be remembered: short, since Services come and go. */
const ttl = 5;

const rcodes = { ok: 0, malformed: 1, failed: 2, noSuchName: 3, refused: 5 } as const;

/**
 * The mesh's own answer to a query; undefined when it is not the mesh's to answer. A known name has its IPv4 and IPv6 addresses, and
 * nothing for any other type: an empty answer, not "no such name", or resolvers that ask for AAAA first would give up. An unknown name
 * in the mesh's own domain does not exist.
 */
export function answer(query: DecodedPacket, names: Names, domain: string): Packet | undefined {
  const question = query.questions?.[0];
  if (question === undefined || query.questions?.length !== 1) return reply(query, rcodes.malformed);
  const addresses = lookUp(names, question.name);
  if (addresses === undefined) {
    const name = question.name.toLowerCase();
    // A name of one word is nobody's outside, and resolvers there would be asked in vain.
    return name === domain || name.endsWith(`.${domain}`) || !name.includes(".")
      ? reply(query, rcodes.noSuchName)
      : undefined;
  }
  const answers: Answer[] = [];
  if (question.type === "A")
    for (const data of addresses.filter((a) => isIPv4(a))) answers.push({ type: "A", name: question.name, ttl, data });
  if (question.type === "AAAA")
    for (const data of addresses.filter((a) => isIPv6(a)))
      answers.push({ type: "AAAA", name: question.name, ttl, data });
  return reply(query, rcodes.ok, answers);
}

/** "I could not find out": no resolver of the machine answered. */
export function serverFailure(query: DecodedPacket): Packet {
  return reply(query, rcodes.failed);
}

function reply(query: DecodedPacket, rcode: number, answers: readonly Answer[] = []): Packet {
  const desired = ((query.flags ?? 0) & 0x0100) | RECURSION_AVAILABLE | AUTHORITATIVE_ANSWER | rcode;
  return {
    type: "response",
    id: query.id ?? 0,
    flags: desired,
    questions: query.questions ?? [],
    answers: [...answers],
  };
}

/** The bytes of an answer; over UDP one that is too long is cut and says so, and the client asks again over TCP. */
export function encodeFor(packet: Packet, limit: number): Buffer {
  const whole = encode(packet);
  if (whole.length <= limit) return whole;
  return encode({ ...packet, flags: (packet.flags ?? 0) | 0x0200, answers: [] });
}

/** Bytes that a client takes over UDP: 512, unless it says more by EDNS. */
export function udpLimit(query: DecodedPacket): number {
  const opt = query.additionals?.find((a) => a.type === "OPT");
  const size = opt && "udpPayloadSize" in opt ? Number(opt.udpPayloadSize) : 512;
  return Math.min(Math.max(size, 512), 4096);
}
